# The work of `BenchmarkCSV300k` in core/ingest, done by pandas on the same file:
# seconds to read 300,000 facility rows. python3 .ci/peers/pandas.py SHARED_FOLDER
import gzip
import io
import sys
import time

import pandas

data = gzip.open(sys.argv[1] + "/data/facility/nmep_tpr_300k.csv.gz").read()
before = time.perf_counter()
rows = len(pandas.read_csv(io.BytesIO(data), low_memory=False))
assert rows == 300_000, rows
print("read", time.perf_counter() - before)
