# The work of `BenchmarkPeers` in geo/autocorr, done by R's spdep on the same
# file: CPU seconds of each step. Rscript .ci/peers/spdep.R SHARED_FOLDER
suppressMessages(library(spdep))
shared <- commandArgs(TRUE)[1]
folder <- tempfile()
dir.create(folder)
utils::unzip(file.path(shared, "data/nigeria/nga_wards_9367.zip"), exdir = folder)
map <- sf::st_read(list.files(folder, "[.]shp$", full.names = TRUE, recursive = TRUE)[1], quiet = TRUE)
sf::st_crs(map) <- NA # plane degrees, as our contiguity compares them
values <- read.csv(gzfile(file.path(shared, "reference/spdep/national_local_tpr.csv.gz")))
rates <- read.csv(gzfile(file.path(shared, "reference/pysal/national_EB.csv.gz")))
step <- function(name, work) {
  before <- sum(proc.time()[1:2])
  out <- work()
  cat(name, sum(proc.time()[1:2]) - before, "\n")
  out
}
queen <- step("queen", function() poly2nb(map))
w <- nb2listw(queen)
set.seed(123456789)
invisible(step("moran_mc999", function() moran.mc(values$x, w, 999)))
invisible(step("localmoran_perm999", function() localmoran_perm(values$x, w, nsim = 999)))
self <- nb2listw(include.self(queen), style = "B")
invisible(step("gistar", function() localG(values$x, self)))
invisible(step("EBlocal", function() EBlocal(rates$e, rates$b, queen, geoda = TRUE)))
