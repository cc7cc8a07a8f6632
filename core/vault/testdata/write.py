"""Writes vault-v1.json, vault-v2.json and vault-keys.json: one vault in format
versions 1 and 2, with the same keys, made without any of the code under test,
from the description of the format alone.

Argon2id is that of the reference implementation (libargon2), XChaCha20-Poly1305
that of libsodium, HKDF and HMAC are made of Python's hashlib. Run it in this
folder where both libraries are installed; it has no random part.
"""
import base64
import ctypes
import hashlib
import hmac
import json

argon2, sodium = ctypes.CDLL("libargon2.so.1"), ctypes.CDLL("libsodium.so.23")
PASSPHRASE = "kàyọ̀dé five words here"  # in NFC, as the format asks
NAME, CREATED = "Kàyọ̀dé", "2026-03-01T09:30:00Z"
ID, DATA_KEY, CODE = bytes(range(16)), bytes(range(100, 132)), bytes(range(200, 220))
MEMORY, PASSES, LANES = 65536, 3, 4


def fields(*parts):
    raw = [p.encode() if isinstance(p, str) else p for p in parts]
    return b"".join(len(p).to_bytes(8, "big") + p for p in raw)


def subkey(key, label):  # HKDF-SHA256, no salt, 32 bytes: one block
    prk = hmac.new(bytes(32), key, hashlib.sha256).digest()
    return hmac.new(prk, label.encode() + b"\x01", hashlib.sha256).digest()


def derive(secret, salt):
    out = ctypes.create_string_buffer(32)
    err = argon2.argon2id_hash_raw(PASSES, MEMORY, LANES, secret, ctypes.c_size_t(len(secret)),
                                   salt, ctypes.c_size_t(len(salt)), out, ctypes.c_size_t(32))
    assert err == 0, err
    return out.raw


def seal(key, nonce, plain, bound):
    out, size = ctypes.create_string_buffer(len(plain) + 16), ctypes.c_ulonglong()
    err = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        out, ctypes.byref(size), plain, ctypes.c_ulonglong(len(plain)), bound,
        ctypes.c_ulonglong(len(bound)), None, nonce, key)
    assert err == 0 and size.value == len(out.raw)
    return nonce + out.raw


def b64(raw):
    return base64.b64encode(raw).decode()


def slot(version, kind, secret, user, salt, nonce):
    bound = fields("chatmrpt vault slot", str(version), user, kind, "argon2id", str(MEMORY), str(PASSES), str(LANES), salt)
    wrapped = seal(derive(secret, salt), nonce, DATA_KEY, bound)
    check = hashlib.sha256(fields(bound, wrapped)).digest()[:8]
    return {"kind": kind, "kdf": "argon2id", "memory_kib": MEMORY, "passes": PASSES, "lanes": LANES,
            "salt": b64(salt), "wrapped": b64(wrapped), "check": b64(check)}


def printed(code):  # 160 bits and the first 20 of the checksum, as nine groups
    digest = hashlib.sha256(b"chatmrpt/recovery/1" + code).digest()
    number = int.from_bytes(code, "big") << 20 | int.from_bytes(digest[:3], "big") >> 4
    text = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> 5 * i & 31] for i in reversed(range(36)))
    return "-".join(text[i:i + 4] for i in range(0, 36, 4))


user = base64.b32encode(ID).decode().rstrip("=").lower()


def vault(version, *store):
    sealed = fields("chatmrpt vault", str(version), user, NAME, CREATED, *store)
    mac = hmac.new(subkey(DATA_KEY, "chatmrpt/vault/1"), sealed, hashlib.sha256)
    head = {"format": "chatmrpt vault", "version": version, "id": user, "name": NAME, "created": CREATED}
    return head | ({"store": store[0]} if store else {}) | {
        "seal": b64(mac.digest()),
        "slots": [slot(version, "passphrase", PASSPHRASE.encode(), user, bytes(range(16)), bytes(range(24))),
                  slot(version, "recovery", CODE, user, bytes(range(50, 66)), bytes(range(30, 54)))]}


keys = {"passphrase": PASSPHRASE, "recovery": printed(CODE),
        "store": subkey(DATA_KEY, "chatmrpt/store/1").hex(), "sync": subkey(DATA_KEY, "chatmrpt/sync/1").hex()}
for name, what in (("vault-v1.json", vault(1)), ("vault-v2.json", vault(2, "data-3.db")), ("vault-keys.json", keys)):
    with open(name, "w", encoding="utf-8") as f:
        f.write(json.dumps(what, ensure_ascii=False, indent=2) + "\n")
