# The commands of a working day. `./run` and `./test` call these.

# The window is built with the OpenGL ES binding (fast to compile) for X11; the
# tests and vet use Fyne's ci tag, which needs neither headers nor a display.
WINDOW_TAGS = x11 gles migrated_fynedo
TEST_TAGS   = ci migrated_fynedo

# Test binaries are linked anew at each run, which takes half as long without
# the debugger's tables; a panic names its lines all the same. Packages wait for
# disks and children, so twice as many as there are processors are tested at once.
QUICK = -ldflags=-w -p $$((2 * $$(getconf _NPROCESSORS_ONLN)))

# staticcheck is pinned; it is a tool, not a dependency of the program.
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: all check format vet lint test remote race bench bleed faults corpora build cross fuzz clean

all: build

build:
	mkdir -p .bin
	go build -o .bin/mrpt ./cmd/mrpt
	go build -tags "$(WINDOW_TAGS)" -o .bin/chatmrpt ./cmd/chatmrpt

check: format vet lint test remote

format:
	@files=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$files" || { echo "not formatted: $$files"; exit 1; }

vet:
	go vet -tags "$(TEST_TAGS)" ./...

lint:
	$(STATICCHECK) -tags "$(TEST_TAGS)" ./...

test:
	go test $(QUICK) -timeout 30m -tags "$(TEST_TAGS)" ./...

# Sharing against a real S3 server with users and policies, started by the
# tests: a module of its own, whose three hundred modules the program does not
# get.
remote:
	cd sync/remote/s3test && go vet ./... && go test -parallel 6 ./...

# The race detector on every room that starts goroutines; of the acts, which
# start none, on the tests that run several at once or stop them.
race:
	go test -race -ldflags=-w -short -timeout 30m -tags "$(TEST_TAGS)" $(RACE)
	go test -race -ldflags=-w -short -timeout 30m -run 'Stop|AtTheSameTime|TwoUsers' ./core/action
RACE = ./core/store/... ./core/vault/... ./core/workspace/... ./core/score/... ./core/surveillance/... ./geo/... ./ui/... ./sync/...

bench:
	.ci/bench

# The proof that one user's data never shows to another: T1 to T19 and a table.
bleed:
	.ci/bleed

# Kill, fill, cut, flip and swap, hundreds of times, and count what came of it.
faults:
	.ci/faults

# Every file of other projects' collections, and what came of reading it.
corpora:
	.ci/corpora

# Ten seconds on every fuzz target.
fuzz:
	.ci/fuzz 10s

clean:
	rm -rf .bin out
