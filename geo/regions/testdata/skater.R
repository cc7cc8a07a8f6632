# Makes skater.json: R 4.2.2, spdep 1.2.7 (Debian 12), on columbus.shp of
# GeoDa's sample data: skater on the queen contiguity and the standardised
# CRIME, INC and HOVAL, by the sum of squares (spdep's own default is the sum of
# distances), with and without a smallest size.
# Rscript skater.R columbus.shp > skater.json
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
x <- scale(as.data.frame(map)[, c("CRIME", "INC", "HOVAL")])
nb <- poly2nb(map)
costs <- nbcosts(nb, x)
tree <- mstree(nb2listw(nb, costs, style = "B"), 1)
squares <- function(data, id) {
  part <- data[id, , drop = FALSE]
  sum(sweep(part, 2, colMeans(part))^2)
}
free <- lapply(c(1, 2, 4, 7), function(k) skater(tree[, 1:2], x, k, method = squares)$groups)
least <- lapply(c(1, 2, 4), function(k) skater(tree[, 1:2], x, k, crit = 6, vec.crit = rep(1, nrow(x)), method = squares)$groups)
cat(json(list(x = lapply(seq_len(nrow(x)), function(i) x[i, ]), tree_cost = sum(tree[, 3]), free = free, least = least,
  ss = c(squares(x, 1:49), vapply(free, function(g) sum(vapply(unique(g), function(k) squares(x, which(g == k)), 0)), 0)))), "\n")
