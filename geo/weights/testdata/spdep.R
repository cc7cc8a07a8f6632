# Makes spdep.json: R 4.2.2, spdep 1.2.7, sf 1.0.9 (Debian 12), on columbus.shp
# of GeoDa's sample data (planar) and on six towns of Nigeria (degrees).
# Rscript spdep.R columbus.shp > spdep.json
library(spdep)
json <- function(x) {
  if (is.list(x)) {
    inner <- vapply(x, json, "")
    if (!is.null(names(x))) return(paste0("{", paste0('"', names(x), '":', inner, collapse = ","), "}"))
    return(paste0("[", paste(inner, collapse = ","), "]"))
  }
  paste0("[", paste(format(x, digits = 17, scientific = TRUE, trim = TRUE), collapse = ","), "]")
}
map <- sf::st_read(commandArgs(TRUE)[1], quiet = TRUE)
xy <- sf::st_coordinates(sf::st_centroid(sf::st_geometry(map)))
queen <- poly2nb(map)
lists <- function(nb) lapply(nb, function(v) if (length(v) == 1 && v == 0) integer(0) else v)
styles <- lapply(c(W = "W", C = "C", U = "U", S = "S"), function(s) {
  l <- nb2listw(queen, style = s)
  list(first = unlist(l$weights[1]), constants = unlist(spweights.constants(l)[c("S0", "S1", "S2")]))
})
towns <- cbind(c(8.5167, 8.5364, 7.4951, 3.3792, 13.1571, 8.5174), c(12.0022, 11.9964, 9.0579, 6.5244, 11.8311, 12.0000))
far <- nbdists(dnearneigh(towns, 0, 3000, longlat = TRUE), towns, longlat = TRUE)
inverse <- nbdists(dnearneigh(xy, 0, 3), xy)
out <- list(
  centroids = lapply(seq_len(nrow(xy)), function(i) xy[i, ]),
  nearest4 = lists(knn2nb(knearneigh(xy, k = 4))),
  within3 = lists(dnearneigh(xy, 0, 3)),
  within2to4 = lists(dnearneigh(xy, 2, 4)),
  second = lists(nblag(queen, 2)[[2]]),
  third_or_less = lists(nblag_cumul(nblag(queen, 3))),
  distances_first = inverse[[1]],
  towns_km = far,
  styles = styles
)
cat(json(out), "\n")
