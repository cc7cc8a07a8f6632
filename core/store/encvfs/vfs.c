/* An encrypting shim over SQLite's default VFS ("unix" or "win32"): opening,
** closing, and everything that is passed on as it is. Sealing is in file.c,
** the cryptography in Go (bridge.go). */
#include <stdlib.h>
#include <string.h>
#include "file.h"
#include "_cgo_export.h"

/* Through a volatile pointer, or the compiler would leave it out before free. */
static void wipe(unsigned char *room){
  volatile unsigned char *b = room;
  int i;
  for(i=0; i<UNIT_ROOM; i++) b[i] = 0;
}

static int sealedClose(sqlite3_file *f){
  SealedFile *p = (SealedFile*)f;
  int rc = SQLITE_OK;
  if( p->under->pMethods ){
    int settled = encvfs_settle(p);
    rc = p->under->pMethods->xClose(p->under);
    if( rc==SQLITE_OK ) rc = settled;
  }
  if( p->sealer ) encvfsFreeSealer(p->sealer);
  if( p->plain ) wipe(p->plain);
  free(p->plain);
  free(p->sealed);
  p->sealer = 0;
  p->plain = p->sealed = 0;
  return rc;
}

/* ---- passed on ---- */

static sqlite3_file *under(sqlite3_file *f){ return ((SealedFile*)f)->under; }

static int sealedSync(sqlite3_file *f, int flags){
  int rc = encvfs_settle((SealedFile*)f);
  return rc ? rc : under(f)->pMethods->xSync(under(f), flags);
}

/* What was known of the file's length held under the locks of then: others
** shorten the file only when no lock keeps them from it. */
static int sealedLock(sqlite3_file *f, int level){
  ((SealedFile*)f)->atLeast = 0;
  return under(f)->pMethods->xLock(under(f), level);
}
static int sealedUnlock(sqlite3_file *f, int level){ return under(f)->pMethods->xUnlock(under(f), level); }
static int sealedCheckReservedLock(sqlite3_file *f, int *out){
  return under(f)->pMethods->xCheckReservedLock(under(f), out);
}
static int sealedSectorSize(sqlite3_file *f){ return under(f)->pMethods->xSectorSize(under(f)); }
static int sealedShmMap(sqlite3_file *f, int page, int size, int extend, void volatile **out){
  return under(f)->pMethods->xShmMap(under(f), page, size, extend, out);
}
static int sealedShmLock(sqlite3_file *f, int offset, int n, int flags){
  ((SealedFile*)f)->atLeast = 0;
  return under(f)->pMethods->xShmLock(under(f), offset, n, flags);
}
static void sealedShmBarrier(sqlite3_file *f){ under(f)->pMethods->xShmBarrier(under(f)); }
static int sealedShmUnmap(sqlite3_file *f, int delete){
  return under(f)->pMethods->xShmUnmap(under(f), delete);
}

/* Hints speak of sizes that are not those on disk; memory maps would show
** ciphertext; an atomic batch would go past the sealing. */
static int sealedFileControl(sqlite3_file *f, int op, void *arg){
  switch( op ){
    case SQLITE_FCNTL_SIZE_HINT:
    case SQLITE_FCNTL_CHUNK_SIZE: return SQLITE_OK;
    case SQLITE_FCNTL_MMAP_SIZE: *(sqlite3_int64*)arg = 0; return SQLITE_OK;
    case SQLITE_FCNTL_BEGIN_ATOMIC_WRITE: return SQLITE_NOTFOUND;
    default: return under(f)->pMethods->xFileControl(under(f), op, arg);
  }
}

/* Atomic writes and sub-page reads of the storage do not hold for sealed
** pages. Powersafe overwrite does: units keep to the sectors SQLite assumes. */
static int sealedDeviceCharacteristics(sqlite3_file *f){
  const int kept = SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN
                 | SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_IMMUTABLE;
  return under(f)->pMethods->xDeviceCharacteristics(under(f)) & kept;
}

static const sqlite3_io_methods withSharedMemory = { 2,
  sealedClose, encvfs_read, encvfs_write, encvfs_truncate, sealedSync, encvfs_size,
  sealedLock, sealedUnlock, sealedCheckReservedLock, sealedFileControl,
  sealedSectorSize, sealedDeviceCharacteristics,
  sealedShmMap, sealedShmLock, sealedShmBarrier, sealedShmUnmap, 0, 0 };
static const sqlite3_io_methods withoutSharedMemory = { 1,
  sealedClose, encvfs_read, encvfs_write, encvfs_truncate, sealedSync, encvfs_size,
  sealedLock, sealedUnlock, sealedCheckReservedLock, sealedFileControl,
  sealedSectorSize, sealedDeviceCharacteristics, 0, 0, 0, 0, 0, 0 };

int encvfs_is_ours(const sqlite3_file *f){
  return f->pMethods==&withSharedMemory || f->pMethods==&withoutSharedMemory;
}

/* ---- opening ---- */

static sqlite3_vfs *root;       /* the operating system's VFS; set once, at registration */

/* 0 for a kind that must not exist. A super-journal (one commit over several
** rollback-mode files) is one: after a crash SQLite looks into the journals it
** names without telling their keys, would not find itself named in them, and
** half of the commit would stand. Refused, such a commit fails as a whole. */
static int kindOf(int flags){
  const int temporary = SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_TRANSIENT_DB
                      | SQLITE_OPEN_TEMP_JOURNAL | SQLITE_OPEN_SUBJOURNAL;
  if( flags & SQLITE_OPEN_MAIN_DB ) return MAIN;
  if( flags & SQLITE_OPEN_WAL ) return WAL;
  if( flags & SQLITE_OPEN_MAIN_JOURNAL ) return JOURNAL;
  return flags & temporary ? TEMP : 0;
}

/* The key of a database is named by its URI; a WAL or journal has its
** database's. */
static const char *tokenOf(int kind, const char *name){
  if( name==0 ) return 0;
  return sqlite3_uri_parameter(kind==MAIN ? name : sqlite3_filename_database(name), "kid");
}

static int prepare(SealedFile *p, const char *name){
  p->name = name;
  if( p->kind==TEMP ){
    p->sealer = encvfsNewTempSealer();
    if( p->sealer==0 ) return SQLITE_CANTOPEN;
  }else{
    p->token = tokenOf(p->kind, name);
    if( p->token==0 || !encvfsHasKey((char*)p->token) ) return SQLITE_CANTOPEN;
  }
  p->sealed = malloc(UNIT_ROOM);
  p->plain = malloc(UNIT_ROOM);
  return p->sealed && p->plain ? SQLITE_OK : SQLITE_NOMEM;
}

static const sqlite3_io_methods *methodsOver(const sqlite3_file *f){
  return f->pMethods->iVersion>=2 && f->pMethods->xShmMap ? &withSharedMemory : &withoutSharedMemory;
}

static int vfsOpen(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *outFlags){
  SealedFile *p = (SealedFile*)f;
  int rc;
  (void)v;
  memset(p, 0, sizeof *p);
  p->under = (sqlite3_file*)&p[1];
  p->under->pMethods = 0;
  p->kind = kindOf(flags);
  if( p->kind==0 ) return SQLITE_CANTOPEN;
  rc = prepare(p, name);
  if( rc==SQLITE_OK ) rc = root->xOpen(root, name, p->under, flags, outFlags);
  if( rc==SQLITE_OK ) f->pMethods = methodsOver(p->under);
  else sealedClose(f);          /* also closes what a failed xOpen left half open */
  return rc;
}

static int vfsDelete(sqlite3_vfs *v, const char *name, int sync){ (void)v; return root->xDelete(root, name, sync); }
static int vfsAccess(sqlite3_vfs *v, const char *name, int flags, int *out){
  (void)v; return root->xAccess(root, name, flags, out);
}
static int vfsFullPathname(sqlite3_vfs *v, const char *name, int n, char *out){
  (void)v; return root->xFullPathname(root, name, n, out);
}
static void *vfsDlOpen(sqlite3_vfs *v, const char *name){ (void)v; return root->xDlOpen(root, name); }
static void vfsDlError(sqlite3_vfs *v, int n, char *out){ (void)v; root->xDlError(root, n, out); }
static void (*vfsDlSym(sqlite3_vfs *v, void *lib, const char *name))(void){
  (void)v; return root->xDlSym(root, lib, name);
}
static void vfsDlClose(sqlite3_vfs *v, void *lib){ (void)v; root->xDlClose(root, lib); }
static int vfsRandomness(sqlite3_vfs *v, int n, char *out){ (void)v; return root->xRandomness(root, n, out); }
static int vfsSleep(sqlite3_vfs *v, int microseconds){ (void)v; return root->xSleep(root, microseconds); }
static int vfsCurrentTime(sqlite3_vfs *v, double *out){ (void)v; return root->xCurrentTime(root, out); }
static int vfsGetLastError(sqlite3_vfs *v, int n, char *out){ (void)v; return root->xGetLastError(root, n, out); }
static int vfsCurrentTimeInt64(sqlite3_vfs *v, sqlite3_int64 *out){
  (void)v; return root->xCurrentTimeInt64(root, out);
}

/* Called once in a process. The VFS is not made the default one, so plain and
** in-memory databases go on as before. */
int encvfs_register(const char *name){
  static sqlite3_vfs vfs;
  root = sqlite3_vfs_find(0);
  if( root==0 || root->iVersion<2 ) return SQLITE_NOTFOUND;
  vfs.iVersion = 2;
  vfs.szOsFile = (int)sizeof(SealedFile) + root->szOsFile;
  vfs.mxPathname = root->mxPathname;
  vfs.zName = name;
  vfs.xOpen = vfsOpen;
  vfs.xDelete = vfsDelete;
  vfs.xAccess = vfsAccess;
  vfs.xFullPathname = vfsFullPathname;
  vfs.xDlOpen = vfsDlOpen;
  vfs.xDlError = vfsDlError;
  vfs.xDlSym = vfsDlSym;
  vfs.xDlClose = vfsDlClose;
  vfs.xRandomness = vfsRandomness;
  vfs.xSleep = vfsSleep;
  vfs.xCurrentTime = vfsCurrentTime;
  vfs.xGetLastError = vfsGetLastError;
  vfs.xCurrentTimeInt64 = vfsCurrentTimeInt64;
  return sqlite3_vfs_register(&vfs, 0);
}
