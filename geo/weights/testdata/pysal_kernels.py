# Makes pysal_kernels.json: libpysal 4.7.0 (Debian 12), adaptive kernels of the four
# nearest and a fixed one, of the first twelve areas, on the centroids of Columbus in spdep.json.
# python3 pysal_kernels.py > pysal_kernels.json (beside spdep.json)
import json
import warnings

warnings.filterwarnings("ignore")
import libpysal

points = json.load(open("spdep.json"))["centroids"]
out = {}
for name in ["uniform", "triangular", "epanechnikov", "quartic", "gaussian"]:
    for key, options in {"adaptive": dict(fixed=False, k=4), "fixed": dict(bandwidth=2.0)}.items():
        function = {"epanechnikov": "quadratic"}.get(name, name)
        w = libpysal.weights.Kernel(points, function=function, **options)
        out[f"{name} {key}"] = [dict(zip(map(str, w.neighbors[i]), w.weights[i])) for i in range(12)]
print(json.dumps(out))
