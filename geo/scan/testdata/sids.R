# Makes sids.json: sudden infant deaths and births of North Carolina's 100
# counties (nc.sids of R's spData, after Cressie 1991) with the circular scan
# statistic written out naively: every county as centre, every radius up to half
# of the births, the log likelihood ratio of Kulldorff (1997, Communications in
# Statistics 26, p. 1485). Plane distances in the file's x and y (UTM, km).
# Rscript sids.R > sids.json (R 4.2.2, spData from Debian 12)
library(spData)
json <- function(x) {
  if (is.list(x)) {
    inner <- vapply(x, json, "")
    if (!is.null(names(x))) return(paste0("{", paste0('"', names(x), '":', inner, collapse = ","), "}"))
    return(paste0("[", paste(inner, collapse = ","), "]"))
  }
  if (is.character(x)) return(paste0("[", paste0('"', x, '"', collapse = ","), "]"))
  paste0("[", paste(format(x, digits = 17, scientific = TRUE, trim = TRUE), collapse = ","), "]")
}
scan <- function(cases, births, x, y, share = 0.5) {
  total <- sum(cases); all <- sum(births)
  best <- lapply(seq_along(x), function(i) {
    o <- order(sqrt((x - x[i])^2 + (y - y[i])^2))
    out <- list(llr = 0, who = integer(0))
    for (k in seq_along(o)) {
      inside <- o[seq_len(k)]
      if (sum(births[inside]) > share * all) break
      n <- sum(cases[inside]); e <- total * sum(births[inside]) / all
      if (n < 2 || n <= e) next
      llr <- n * log(n / e) + ifelse(n < total, (total - n) * log((total - n) / (total - e)), 0)
      if (llr > out$llr) out <- list(llr = llr, who = inside)
    }
    out
  })
  best <- best[order(-vapply(best, function(b) b$llr, 0))]
  kept <- list()
  for (b in best) {
    if (length(b$who) == 0) next
    if (any(vapply(kept, function(k) any(k$who %in% b$who), TRUE))) next
    kept <- c(kept, list(b))
  }
  lapply(kept[seq_len(min(5, length(kept)))], function(b)
    list(llr = b$llr, who = sort(b$who), cases = sum(cases[b$who]), expected = total * sum(births[b$who]) / all))
}
d <- nc.sids
out <- list(county = rownames(d), x = d$x, y = d$y, sid74 = d$SID74, bir74 = d$BIR74, sid79 = d$SID79, bir79 = d$BIR79,
  clusters74 = scan(d$SID74, d$BIR74, d$x, d$y), clusters79 = scan(d$SID79, d$BIR79, d$x, d$y),
  clusters_both = scan(d$SID74 + d$SID79, d$BIR74 + d$BIR79, d$x, d$y))
cat(json(out), "\n")
