# Makes spdep.json: R 4.2.2, spdep 1.2.7 (Debian 12), on columbus.shp of
# GeoDa's sample data, queen contiguity. What ../shared/reference/spdep lacks:
# join counts, local Geary, the moments of Geary under normality, weights in
# other styles, a bivariate Moran (written with lag.listw; this version has no
# function for it). Rscript spdep.R columbus.shp > spdep.json
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
queen <- poly2nb(map)
W <- nb2listw(queen); B <- nb2listw(queen, style = "B"); S <- nb2listw(queen, style = "S")
est <- function(t) unname(t$estimate)
high <- factor(map$CRIME > 35, labels = c("low", "high"))
jc <- joincount.test(high, B)
multi <- joincount.multi(high, B)
z <- as.vector(scale(map$CRIME)); y <- as.vector(scale(map$INC))
set.seed(12345)
perm <- localC_perm(map$CRIME, W, nsim = 9999)
out <- list(
  crime = map$CRIME, inc = map$INC,
  join_high = est(jc[[2]]), join_low = est(jc[[1]]),
  join_mixed = unname(multi[3, 1:3]),
  geary_normal = est(geary.test(map$CRIME, W, randomisation = FALSE)),
  geary_B = est(geary.test(map$CRIME, B)),
  moran_S = est(moran.test(map$CRIME, S)),
  globalG_W = est(globalG.test(map$CRIME, W)),
  localC = as.vector(localC(map$CRIME, W)),
  localC_folded = as.vector(attr(perm, "pseudo-p")[, "Pr(folded) Sim"]),
  localC_mean = as.vector(attr(perm, "pseudo-p")[, 1]),
  localC_var = as.vector(attr(perm, "pseudo-p")[, 2]),
  gi_W = as.vector(localG(map$CRIME, W)),
  bivariate = sum(z * lag.listw(W, y)) / sum(z^2),
  bivariate_local = z * lag.listw(W, y)
)
cat(json(out), "\n")
