package bundle

import "strings"

const bech32Digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// encodeBech32 writes data with the human part in front and a checksum behind
// (BIP 173), in upper case. age reads private keys in this form and offers no
// other way to hand it one.
func encodeBech32(human string, data []byte) string {
	lower := strings.ToLower(human)
	values := fiveBits(data)
	var sum [6]byte
	check := bech32Check(lower, append(append([]byte{}, values...), sum[:]...)) ^ 1
	for i := range sum {
		sum[i] = byte(check>>(5*(5-i))) & 31
	}
	var out strings.Builder
	out.WriteString(lower + "1")
	for _, v := range append(values, sum[:]...) {
		out.WriteByte(bech32Digits[v])
	}
	return strings.ToUpper(out.String())
}

// fiveBits cuts data into values of five bits, the last filled with zeros.
func fiveBits(data []byte) []byte {
	var out []byte
	acc, bits := uint32(0), 0
	for _, b := range data {
		acc, bits = acc<<8|uint32(b), bits+8
		for bits >= 5 {
			bits -= 5
			out = append(out, byte(acc>>bits)&31)
		}
	}
	if bits > 0 {
		out = append(out, byte(acc<<(5-bits))&31)
	}
	return out
}

// bech32Check is the checksum polynomial of BIP 173 over the human part and the
// values.
func bech32Check(human string, values []byte) uint32 {
	var all []byte
	for _, c := range []byte(human) {
		all = append(all, c>>5)
	}
	all = append(all, 0)
	for _, c := range []byte(human) {
		all = append(all, c&31)
	}
	check := uint32(1)
	for _, v := range append(all, values...) {
		top := check >> 25
		check = (check&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				check ^= g
			}
		}
	}
	return check
}
