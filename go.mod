module chatmrpt

go 1.26.0

require (
	// the report and map PDFs: UTF-8 fonts, no cgo, deterministic; v0.12.0 of May 2026, MIT, the maintained home of the fpdf line
	codeberg.org/go-pdf/fpdf v0.12.0
	// the window, named by the users; v2.8.1 of August 2026, BSD-3
	fyne.io/fyne/v2 v2.8.1
	// edit distance for ward names; small, fuzzed, v1.2.2 of October 2026, MIT
	github.com/agnivade/levenshtein v1.2.2
	// estimates how hard a passphrase is to guess; v1.0.4 of April 2025, the maintained fork, MIT
	github.com/ccojocar/zxcvbn-go v1.0.4
	// a bus of messages for the tests of the keyring slot; tests only; v5.2.2 of 2025, BSD-2
	github.com/godbus/dbus/v5 v5.2.2 // indirect
	// the store, named by the users; used unmodified under our encrypting VFS; v1.14.53 of November 2026, MIT
	github.com/mattn/go-sqlite3 v1.14.53
	// writes the collected data set for DuckDB, Spark and Trino; pure Go, v0.32.0 of August 2026, Apache-2.0
	github.com/parquet-go/parquet-go v0.32.0
	// geometry types, WKB and GeoJSON, named by the users; v0.14.0 of November 2026, MIT
	github.com/paulmach/orb v0.14.0
	// the compound file around an old XLS workbook; hardened by fuzzing, v1.0.9 of 2026, Apache-2.0; its records are read here, the libraries for them panic
	github.com/richardlehane/mscfb v1.0.9
	// testscript: the terminal tests run the real binary; tests only, by the Go team's circle, BSD-3
	github.com/rogpeppe/go-internal v1.16.0
	// spatial index for neighbours that share no vertex and for rings; v1.10.0, stable since 2023, MIT
	github.com/tidwall/rtree v1.10.0
	// finds the encoding of a CSV file, UTF-16 without BOM included; v1.0.5 of May 2026, MIT
	github.com/wlynxg/chardet v1.0.5
	// datum shifts to WGS 84 in pure Go; v1.1.7, stable since 2023, MIT; its inverse transverse Mercator is off by metres at a zone edge, so that series is our own
	github.com/wroge/wgs84 v1.1.7
	// Jaro-Winkler similarity for ward names; July 2025, MIT
	github.com/xrash/smetrics v0.0.0-20250705151800-55b8f293f342
	// writes the XLSX files of the tests and checks our reader cell by cell; tests only; v2.11.1 of November 2026, BSD-3
	github.com/xuri/excelize/v2 v2.11.1
	// the keyring of the system, for the slot that is off by default: Secret Service, Keychain, Credential Manager, no cgo; v0.2.8 of 2026, MIT, kept by Zalando
	github.com/zalando/go-keyring v0.2.8
	// Argon2id and XChaCha20-Poly1305 for the key slots; by the Go team, BSD-3
	golang.org/x/crypto v0.58.0
	// scan conversion and fonts for map pictures; by the Go team, BSD-3
	golang.org/x/image v0.47.0
	// file locks of the operating systems; by the Go team, BSD-3
	golang.org/x/sys v0.49.0
	// asks for a passphrase without showing it; by the Go team, BSD-3
	golang.org/x/term v0.47.0
	// Unicode normalisation and old encodings; by the Go team, BSD-3
	golang.org/x/text v0.43.0
	// matrices, eigenvectors and distributions of the statistics, named by the users; v0.17.0 of December 2025, BSD-3
	gonum.org/v1/gonum v0.17.0
)

require (
	// seals what leaves the computer, in a format that standard tools open; hybrid keys; v1.3.2 of August 2026, BSD-3; its command is the tool of our tests
	filippo.io/age v1.3.2
	// the S3 client, named by the users; v7.4.1 of October 2026, Apache-2.0
	github.com/minio/minio-go/v7 v7.4.1
	// the limit of bytes a second; v0.16.0 of September 2026, by the Go team, BSD-3
	golang.org/x/time v0.16.0
)

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	filippo.io/hpke v0.4.0 // indirect
	filippo.io/nistec v0.0.4 // indirect
	fyne.io/systray v1.12.3-0.20260810170012-af4e8e793ec4 // indirect
	github.com/BurntSushi/toml v1.6.0 // indirect
	github.com/andybalholm/brotli v1.1.1 // indirect
	github.com/anthonynsimon/bild v0.14.0 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/danieljoos/wincred v1.2.3 // indirect
	github.com/dustin/go-humanize v1.0.1 // indirect
	github.com/fsnotify/fsnotify v1.9.0 // indirect
	github.com/fyne-io/gl-js v0.2.1-0.20260315212741-029c47fd27e8 // indirect
	github.com/fyne-io/glfw-js v0.4.0 // indirect
	github.com/fyne-io/image v0.1.1 // indirect
	github.com/fyne-io/oksvg v0.2.0 // indirect
	github.com/go-gl/gl v0.0.0-20260331235117-4566fea9a276 // indirect
	github.com/go-gl/glfw/v3.4/glfw v0.1.0-pre.1.0.20260707082822-2a407d02d01a // indirect
	github.com/go-text/render v0.2.1 // indirect
	github.com/go-text/typesetting v0.3.4 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hack-pad/go-indexeddb v0.3.2 // indirect
	github.com/hack-pad/safejs v0.1.0 // indirect
	github.com/jeandeaual/go-locale v0.0.0-20250612000132-0ef82f21eade // indirect
	github.com/jsummers/gobmp v0.0.0-20230614200233-a9de23ed2e25 // indirect
	github.com/klauspost/compress v1.19.2 // indirect
	github.com/klauspost/cpuid/v2 v2.4.0 // indirect
	github.com/klauspost/crc32 v1.3.0 // indirect
	github.com/mattn/go-runewidth v0.0.24 // indirect
	github.com/minio/crc64nvme v1.1.1 // indirect
	github.com/minio/md5-simd v1.1.2 // indirect
	github.com/nfnt/resize v0.0.0-20180221191011-83c6a9932646 // indirect
	github.com/nicksnyder/go-i18n/v2 v2.5.1 // indirect
	github.com/parquet-go/bitpack v1.0.0 // indirect
	github.com/parquet-go/jsonlite v1.0.0 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/pierrec/lz4/v4 v4.1.21 // indirect
	github.com/richardlehane/msoleps v1.0.6 // indirect
	github.com/rs/xid v1.6.0 // indirect
	github.com/rymdport/portal v0.4.2 // indirect
	github.com/srwiley/oksvg v0.0.0-20221011165216-be6e8873101c // indirect
	github.com/srwiley/rasterx v0.0.0-20220730225603-2ab79fcdd4ef // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	github.com/tidwall/geoindex v1.7.0 // indirect
	github.com/tiendc/go-deepcopy v1.7.2 // indirect
	github.com/tinylib/msgp v1.6.4 // indirect
	github.com/twpayne/go-geom v1.6.1 // indirect
	github.com/xuri/efp v0.0.3-0.20260924042702-217b81952dec // indirect
	github.com/xuri/nfp v0.0.2-0.20250530014748-2ddeb826f9a9 // indirect
	github.com/yuin/goldmark v1.8.2 // indirect
	github.com/zeebo/xxh3 v1.1.0 // indirect
	go.mongodb.org/mongo-driver/v2 v2.5.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
	gopkg.in/ini.v1 v1.67.3 // indirect
)

tool filippo.io/age/cmd/age
