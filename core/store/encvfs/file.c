/* Reading and writing sealed files, unit by unit. */
#include <string.h>
#include "file.h"
#include "_cgo_export.h"

/* What a unit may be besides readable; SQLite's own codes are all positive. */
#define ABSENT (-1)             /* beyond the end of the file, or no key yet because the file is empty */
#define FORGED (-2)             /* there, but not what was sealed */

static const char magic[SALT] = "SQLite format 3";   /* with its final zero byte */

static int underRead(SealedFile *p, void *buf, int n, sqlite3_int64 at){
  return p->under->pMethods->xRead(p->under, buf, n, at);
}
static int underWrite(SealedFile *p, const void *buf, int n, sqlite3_int64 at){
  return p->under->pMethods->xWrite(p->under, buf, n, at);
}
static int underSize(SealedFile *p, sqlite3_int64 *size){
  return p->under->pMethods->xFileSize(p->under, size);
}

/* ---- key and salt ---- */

/* The salt is written once, before anything is sealed under it, and made
** durable at once: a journal sealed under a salt that a power cut took away
** could not be rolled back. The caller holds SQLite's RESERVED lock (nothing
** is written without it), so no two writers choose a salt. */
static int writeSalt(SealedFile *db){
  unsigned char salt[SALT];
  int rc;
  encvfsRandom(salt, SALT);
  rc = underWrite(db, salt, SALT, 0);
  if( rc==SQLITE_OK ) rc = db->under->pMethods->xSync(db->under, SQLITE_SYNC_NORMAL);
  if( rc==SQLITE_OK ){
    memcpy(db->salt, salt, SALT);
    db->salted = 1;
  }
  return rc;
}

/* A salt never changes while the file lives (truncation keeps it), so what a
** handle has read once stays true. */
static int learnSalt(SealedFile *db, int forWriting){
  unsigned char salt[SALT];
  int rc;
  if( db->salted ) return SQLITE_OK;
  rc = underRead(db, salt, SALT, 0);
  if( rc==SQLITE_IOERR_SHORT_READ ) return forWriting ? writeSalt(db) : ABSENT;
  if( rc ) return rc;
  memcpy(db->salt, salt, SALT);
  db->salted = 1;
  return SQLITE_OK;
}

/* A WAL or journal is sealed under the salt of the database it belongs to. */
static SealedFile *databaseOf(SealedFile *p){
  sqlite3_file *f;
  if( p->kind==MAIN ) return p;
  f = sqlite3_database_file_object(p->name);
  return f && encvfs_is_ours(f) ? (SealedFile*)f : 0;
}

/* Sub-keys are made late: a new file has no salt until its first write. */
static int needSealer(SealedFile *p, int forWriting){
  SealedFile *db;
  int rc;
  if( p->sealer ) return SQLITE_OK;
  db = databaseOf(p);
  if( db==0 ) return SQLITE_IOERR_READ;
  rc = learnSalt(db, forWriting);
  if( rc ) return rc;
  p->sealer = encvfsNewSealer((char*)p->token, p->kind, db->salt);
  return p->sealer ? SQLITE_OK : SQLITE_IOERR_READ;   /* the key has left the ring */
}

/* ---- one unit ---- */

/* A page cut in two by the end of the file is damage, not absence: a plain
** short read would let it pass as zeroes. */
static int absentOrCut(SealedFile *p, const Unit *u){
  sqlite3_int64 size;
  int rc;
  if( p->kind!=MAIN ) return ABSENT;
  rc = underSize(p, &size);
  if( rc ) return rc;
  return size>u->disk ? FORGED : ABSENT;
}

/* Puts a unit's plain bytes into dst, which has room for the whole unit. */
static int loadUnit(SealedFile *p, const Unit *u, unsigned char *dst){
  int n = u->body+OVERHEAD;
  int rc = needSealer(p, 0);
  if( rc ) return rc;
  rc = underRead(p, p->sealed, n, u->disk);
  if( rc==SQLITE_IOERR_SHORT_READ ) return absentOrCut(p, u);
  if( rc ) return rc;
  if( !encvfsUnseal(p->sealer, u->no, p->sealed, n, dst+u->head) ) return FORGED;
  if( p->kind==MAIN ){
    if( u->head ) memcpy(dst, magic, SALT);
    memset(dst+PAGE-OVERHEAD, 0, OVERHEAD);
  }
  return SQLITE_OK;
}

static int storeUnit(SealedFile *p, const Unit *u, const unsigned char *src){
  int rc = needSealer(p, 1);
  if( rc ) return rc;
  if( !encvfsSeal(p->sealer, u->no, (void*)(src+u->head), u->body, p->sealed) ){
    return SQLITE_IOERR_AUTH;   /* the key has made its last seal */
  }
  return underWrite(p, p->sealed, u->body+OVERHEAD, u->disk);
}

/* ---- main database ---- */

/* SQLite peeks at the header before it takes a lock and before a WAL mends a
** torn page 1; only page size and reserve matter there, and both are fixed.
** The answer also makes a new database leave the reserve. The real page 1 is
** read, and authenticated, right after. */
static int answerPeek(unsigned char *out, int amount){
  memset(out, 0, amount);
  if( amount>20 ){
    out[16] = PAGE>>8;
    out[17] = PAGE&255;
    out[20] = OVERHEAD;
  }
  return SQLITE_OK;
}

static int readMain(SealedFile *p, unsigned char *out, int amount, sqlite3_int64 offset){
  int result = SQLITE_OK;
  if( offset==0 && amount<PAGE ) return answerPeek(out, amount);
  while( amount>0 ){
    Span s = encvfs_span(MAIN, offset, amount);
    unsigned char *dst = s.n==PAGE ? out : p->plain;
    int rc = loadUnit(p, &s.unit, dst);
    if( rc==FORGED ) return s.unit.no==0 ? SQLITE_NOTADB : SQLITE_IOERR_DATA;
    if( rc>0 ) return rc;
    if( rc==ABSENT ){
      memset(out, 0, s.n);
      result = SQLITE_IOERR_SHORT_READ;
    }else if( dst!=out ){
      memcpy(out, dst+s.skip, s.n);
    }
    out += s.n; offset += s.n; amount -= s.n;
  }
  return result;
}

/* Page 1 of a database with another page size or without room for the tag
** (the backup API copies pages as they are) would wedge the file. */
static int fitsFormat(const unsigned char *page1){
  return memcmp(page1, magic, SALT)==0
      && page1[16]==PAGE>>8 && page1[17]==(PAGE&255) && page1[20]==OVERHEAD;
}

/* In rollback mode SQLite may skip pages that were allocated and freed in one
** transaction and so leave a hole. Zeroes are sealed into it, so that every
** page carries a valid tag, but for the page of the lock bytes, which SQLite
** never reads. A page cut in two stays as it is: it must not become genuine. */
static int fillGap(SealedFile *p, sqlite3_int64 upTo){
  sqlite3_int64 at;
  int rc;
  if( upTo<=p->atLeast ) return SQLITE_OK;   /* saves asking for each page of a checkpoint */
  rc = underSize(p, &at);
  if( rc ) return rc;
  p->atLeast = at;
  if( at>=upTo ) return SQLITE_OK;
  at = at<=SALT ? 0 : (at+PAGE-1)/PAGE*PAGE;
  memset(p->plain, 0, PAGE);
  for(; at<upTo; at += PAGE){
    Unit u = encvfs_unit(MAIN, at);
    if( at==LOCK_PAGE_OFFSET ) continue;
    rc = storeUnit(p, &u, p->plain);
    if( rc ) return rc;
  }
  return SQLITE_OK;
}

static int writeMain(SealedFile *p, const unsigned char *in, int amount, sqlite3_int64 offset){
  Unit u;
  int rc;
  if( amount!=PAGE || offset%PAGE ) return SQLITE_IOERR_WRITE;   /* another page size */
  if( offset==0 && !fitsFormat(in) ) return SQLITE_IOERR_WRITE;
  rc = fillGap(p, offset);
  if( rc ) return rc;
  u = encvfs_unit(MAIN, offset);
  rc = storeUnit(p, &u, in);
  if( rc==SQLITE_OK && p->atLeast<offset+PAGE ) p->atLeast = offset+PAGE;
  return rc;
}

/* The salt stays, for other connections have read it. A file of the salt
** alone counts as empty. */
static int truncateMain(SealedFile *p, sqlite3_int64 size){
  sqlite3_int64 now;
  int rc;
  if( size>0 ){
    rc = fillGap(p, size);
    p->atLeast = 0;
    if( rc ) return rc;
    return p->under->pMethods->xTruncate(p->under, size);
  }
  p->atLeast = 0;
  rc = underSize(p, &now);
  if( rc || now<=SALT ) return rc;
  return p->under->pMethods->xTruncate(p->under, SALT);
}

/* ---- write-ahead log ---- */

static int isPageOfFrame(int amount, sqlite3_int64 offset){
  Span s = encvfs_span(WAL, offset, amount);
  return amount==PAGE && s.unit.no>0 && s.skip==FRAME_HEADER;
}

/* Recovery reads headers and whole frames and must see a torn or stale tail
** as rubbish, which it knows how to end at; a page fetched by itself must be
** genuine. */
static int readWal(SealedFile *p, unsigned char *out, int amount, sqlite3_int64 offset){
  int result = SQLITE_OK;
  int mustBeGenuine = isPageOfFrame(amount, offset);
  while( amount>0 ){
    Span s = encvfs_span(WAL, offset, amount);
    unsigned char *dst = s.n==s.unit.size ? out : p->plain;
    int rc = loadUnit(p, &s.unit, dst);
    if( rc>0 ) return rc;
    if( rc==FORGED && mustBeGenuine ) return SQLITE_IOERR_DATA;
    if( rc==ABSENT ) result = SQLITE_IOERR_SHORT_READ;
    if( rc ) memset(out, 0, s.n);
    else if( dst!=out ) memcpy(out, dst+s.skip, s.n);
    out += s.n; offset += s.n; amount -= s.n;
  }
  return result;
}

/* A first page that does not fit (see fitsFormat) must not get into the WAL
** either. */
static int frameFits(const unsigned char *frame){
  static const unsigned char pageOne[4] = { 0, 0, 0, 1 };
  if( memcmp(frame, pageOne, 4) ) return 1;
  return fitsFormat(frame+FRAME_HEADER);
}

/* SQLite writes parts of a unit when it rewrites a frame of a transaction that
** is still open (page or header), and where the storage lacks powersafe
** overwrite (it then splits a page at a sector's border to sync between). */
static int mergeWalUnit(SealedFile *p, const Span *s, const unsigned char *in){
  int rc = loadUnit(p, &s->unit, p->plain);
  if( rc>0 ) return rc;
  if( rc ) memset(p->plain, 0, s->unit.body);
  memcpy(p->plain+s->skip, in, s->n);
  if( s->n==PAGE && !frameFits(p->plain) ) return SQLITE_IOERR_WRITE;
  return storeUnit(p, &s->unit, p->plain);
}

static int writeWalParts(SealedFile *p, const unsigned char *in, int amount, sqlite3_int64 offset){
  while( amount>0 ){
    Span s = encvfs_span(WAL, offset, amount);
    int rc = mergeWalUnit(p, &s, in);
    if( rc ) return rc;
    in += s.n; offset += s.n; amount -= s.n;
  }
  return SQLITE_OK;
}

/* Learns from a write where this handle may append next: behind the WAL's
** header, or behind a page that came right after its frame's header. A page
** alone is one written anew in the middle. */
static void learnAppend(SealedFile *p, int amount, sqlite3_int64 offset){
  if( offset==0 && amount==WAL_HEADER ) p->appendAt = WAL_HEADER;
  if( amount==PAGE && p->headerAt>0 && offset==p->headerAt+FRAME_HEADER ) p->appendAt = offset+PAGE;
  p->headerAt = amount==FRAME_HEADER ? offset : -1;
}

/* To append a frame SQLite writes its header and then, next, its page. The
** header waits for the page, so that the frame is sealed and written at once.
** Only right after the frame that was written last: a header elsewhere is one
** written anew (its transaction spilled a page twice), which no page follows
** and which must be on disk when the commit is. Should anything else come
** between header and page, the header settles first. */
int encvfs_settle(SealedFile *p){
  if( !p->pending ) return SQLITE_OK;
  p->pending = 0;
  return writeWalParts(p, p->frameHeader, FRAME_HEADER, p->appendAt);
}

static int holdFrameHeader(SealedFile *p, const unsigned char *in){
  memcpy(p->frameHeader, in, FRAME_HEADER);
  p->pending = 1;
  return SQLITE_OK;
}

static int appendFrame(SealedFile *p, const unsigned char *page){
  Unit u = encvfs_unit(WAL, p->appendAt);
  int rc;
  p->pending = 0;
  memcpy(p->plain, p->frameHeader, FRAME_HEADER);
  memcpy(p->plain+FRAME_HEADER, page, PAGE);
  if( !frameFits(p->plain) ) return SQLITE_IOERR_WRITE;
  rc = storeUnit(p, &u, p->plain);
  if( rc==SQLITE_OK ) p->appendAt += FRAME;
  p->headerAt = -1;
  return rc;
}

static int writeWal(SealedFile *p, const unsigned char *in, int amount, sqlite3_int64 offset){
  int rc;
  if( p->pending && offset==p->appendAt+FRAME_HEADER && amount==PAGE ) return appendFrame(p, in);
  rc = encvfs_settle(p);
  if( rc ) return rc;
  if( offset==p->appendAt && offset>0 && amount==FRAME_HEADER ) return holdFrameHeader(p, in);
  rc = writeWalParts(p, in, amount, offset);
  if( rc==SQLITE_OK ) learnAppend(p, amount, offset);
  return rc;
}

/* ---- journals and temporary files ---- */

static int usedBytes(const unsigned char *block){
  int used = block[0] | block[1]<<8;
  return used>BLOCK ? BLOCK : used;
}
static void setUsedBytes(unsigned char *block, int used){
  block[0] = (unsigned char)(used&255);
  block[1] = (unsigned char)(used>>8);
}

static int readBlocks(SealedFile *p, unsigned char *out, int amount, sqlite3_int64 offset){
  int result = SQLITE_OK;
  while( amount>0 ){
    Span s = encvfs_span(p->kind, offset, amount);
    int rc = loadUnit(p, &s.unit, p->plain);
    if( rc>0 ) return rc;
    /* Playback takes rubbish for a torn tail; a temporary file has no tail,
    ** and no holes, for SQLite writes every page of one that it will read. */
    if( rc==FORGED && p->kind==TEMP ) return SQLITE_IOERR_DATA;
    if( rc ) memset(out, 0, s.n);
    else memcpy(out, p->plain+BLOCK_HEAD+s.skip, s.n);
    if( rc==ABSENT || (rc==SQLITE_OK && s.skip+s.n>usedBytes(p->plain)) ){
      result = SQLITE_IOERR_SHORT_READ;
    }
    out += s.n; offset += s.n; amount -= s.n;
  }
  return result;
}

/* The block a span is written into, as it was; empty if it was not there. */
static int loadBlock(SealedFile *p, const Span *s){
  int rc = ABSENT;
  if( s->n<BLOCK ) rc = loadUnit(p, &s->unit, p->plain);
  if( rc>0 ) return rc;
  if( rc ) memset(p->plain, 0, BLOCK_HEAD+BLOCK);
  return SQLITE_OK;
}

static int writeBlock(SealedFile *p, const Span *s, const unsigned char *in){
  int rc = loadBlock(p, s);
  if( rc ) return rc;
  if( s->skip+s->n>usedBytes(p->plain) ) setUsedBytes(p->plain, s->skip+s->n);
  memcpy(p->plain+BLOCK_HEAD+s->skip, in, s->n);
  return storeUnit(p, &s->unit, p->plain);
}

static int writeBlocks(SealedFile *p, const unsigned char *in, int amount, sqlite3_int64 offset){
  while( amount>0 ){
    Span s = encvfs_span(p->kind, offset, amount);
    int rc = writeBlock(p, &s, in);
    if( rc ) return rc;
    in += s.n; offset += s.n; amount -= s.n;
  }
  return SQLITE_OK;
}

/* The last block says how much of it is used. One that can't be read counts
** in full: whoever reads it will see. */
static int sizeOfBlocks(SealedFile *p, sqlite3_int64 disk, sqlite3_int64 *size){
  sqlite3_int64 n = encvfs_whole_blocks(disk);
  Unit u;
  int rc;
  *size = 0;
  if( n==0 ) return SQLITE_OK;
  if( n>MAX_OFFSET/BLOCK ) return SQLITE_IOERR_FSTAT;
  u = encvfs_unit(p->kind, (n-1)*BLOCK);
  rc = loadUnit(p, &u, p->plain);
  if( rc>0 ) return rc;
  *size = u.logical + (rc ? BLOCK : usedBytes(p->plain));
  return SQLITE_OK;
}

static int shortenBlock(SealedFile *p, const Unit *u, int used){
  int rc = loadUnit(p, u, p->plain);
  if( rc>0 ) return rc;
  if( rc ) memset(p->plain, 0, BLOCK_HEAD+BLOCK);
  memset(p->plain+BLOCK_HEAD+used, 0, BLOCK-used);
  setUsedBytes(p->plain, used);
  return storeUnit(p, u, p->plain);
}

static int truncateBlocks(SealedFile *p, sqlite3_int64 size){
  Unit u = encvfs_unit(p->kind, size);
  int used = (int)(size-u.logical);
  sqlite3_int64 disk = u.disk;
  if( used>0 ){
    int rc = shortenBlock(p, &u, used);
    if( rc ) return rc;
    disk += u.body+OVERHEAD;
  }
  return p->under->pMethods->xTruncate(p->under, disk);
}

/* ---- what SQLite calls ---- */

int encvfs_read(sqlite3_file *f, void *buf, int amount, sqlite3_int64 offset){
  SealedFile *p = (SealedFile*)f;
  int rc;
  if( !encvfs_in_range(offset, amount) ) return SQLITE_IOERR_READ;
  rc = encvfs_settle(p);
  if( rc ) return rc;
  switch( p->kind ){
    case MAIN: return readMain(p, buf, amount, offset);
    case WAL:  return readWal(p, buf, amount, offset);
    default:   return readBlocks(p, buf, amount, offset);
  }
}

int encvfs_write(sqlite3_file *f, const void *buf, int amount, sqlite3_int64 offset){
  SealedFile *p = (SealedFile*)f;
  if( !encvfs_in_range(offset, amount) ) return SQLITE_IOERR_WRITE;
  switch( p->kind ){
    case MAIN: return writeMain(p, buf, amount, offset);
    case WAL:  return writeWal(p, buf, amount, offset);
    default:   return writeBlocks(p, buf, amount, offset);
  }
}

int encvfs_truncate(sqlite3_file *f, sqlite3_int64 size){
  SealedFile *p = (SealedFile*)f;
  int rc;
  if( !encvfs_in_range(size, 0) ) return SQLITE_IOERR_TRUNCATE;
  rc = encvfs_settle(p);
  if( rc ) return rc;
  switch( p->kind ){
    case MAIN: return truncateMain(p, size);
    case WAL:  return p->under->pMethods->xTruncate(p->under, encvfs_wal_disk_size(size));
    default:   return truncateBlocks(p, size);
  }
}

int encvfs_size(sqlite3_file *f, sqlite3_int64 *size){
  SealedFile *p = (SealedFile*)f;
  sqlite3_int64 disk;
  int rc = encvfs_settle(p);
  if( rc==SQLITE_OK ) rc = underSize(p, &disk);
  if( rc ) return rc;
  if( disk<0 ) return SQLITE_IOERR_FSTAT;
  switch( p->kind ){
    case MAIN: *size = disk<=SALT ? 0 : disk; return SQLITE_OK;
    case WAL:  *size = encvfs_wal_logical_size(disk); return SQLITE_OK;
    default:   return sizeOfBlocks(p, disk, size);
  }
}
