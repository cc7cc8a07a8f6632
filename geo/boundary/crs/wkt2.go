package crs

import "slices"

// version1 rewrites a well-known text of version 2 (ISO 19162: GEOGCRS,
// PROJCRS, …), which newer programs write, as the nodes of version 1, so that
// one reader understands both. A node of version 1 comes back as it is.
func version1(n *node) *node {
	switch n.key {
	case "BOUNDCRS":
		return bound(n)
	case "COMPOUNDCRS":
		if h := n.kid("PROJCRS", "PROJECTEDCRS", "GEOGCRS", "GEOGRAPHICCRS", "GEODCRS", "BOUNDCRS"); h != nil {
			return version1(h)
		}
	case "PROJCRS", "PROJECTEDCRS":
		return projectedOf(n)
	case "GEOGCRS", "GEOGRAPHICCRS", "GEODCRS", "GEODETICCRS", "BASEGEOGCRS", "BASEGEODCRS":
		return geographicOf(n)
	}
	return n
}

// bound is a system with its own shift to another one.
func bound(n *node) *node {
	source, shift := n.kid("SOURCECRS"), n.kid("ABRIDGEDTRANSFORMATION")
	if source == nil || len(source.kids) == 0 {
		return n
	}
	out := version1(source.kids[0])
	p := readParameters(shift)
	geographic := out
	if out.key == "PROJCS" {
		geographic = out.kid("GEOGCS")
	}
	datum := geographic.kid("DATUM")
	if _, ok := p["xaxistranslation"]; !ok || datum == nil {
		return out
	}
	to := &node{key: "TOWGS84"}
	for _, name := range []string{"xaxistranslation", "yaxistranslation", "zaxistranslation", "xaxisrotation", "yaxisrotation", "zaxisrotation"} {
		to.numbers = append(to.numbers, p[name])
	}
	// The text writes the scale as a factor near 1, or as parts per million.
	scale := p["scaledifference"]
	if scale > 0.5 {
		scale = (scale - 1) * 1e6
	}
	to.numbers = append(to.numbers, scale)
	datum.kids = append(datum.kids, to)
	return out
}

// geographicOf makes a GEOGCS of what version 2 calls a geographic system.
func geographicOf(n *node) *node {
	datum := n.kid("DATUM", "GEODETICDATUM", "TRF", "ENSEMBLE")
	out := &node{key: "GEOGCS", texts: n.texts}
	if datum != nil {
		name := &node{key: "DATUM", texts: datum.texts}
		if len(datum.texts) > 0 {
			name.texts = []string{withoutEnsemble(datum.texts[0])}
		}
		if e := datum.kid("ELLIPSOID", "SPHEROID"); e != nil {
			name.kids = append(name.kids, &node{key: "SPHEROID", texts: e.texts, numbers: e.numbers})
		}
		out.kids = append(out.kids, name)
	}
	if m := n.kid("PRIMEM", "PRIMEMERIDIAN"); m != nil {
		out.kids = append(out.kids, &node{key: "PRIMEM", texts: m.texts, numbers: m.numbers})
	}
	if u := unitOf(n, "ANGLEUNIT"); u != nil {
		out.kids = append(out.kids, &node{key: "UNIT", numbers: u.numbers})
	}
	return out
}

// withoutEnsemble is a datum's name without the word that groups its
// realisations.
func withoutEnsemble(name string) string {
	const word = " ensemble"
	if len(name) > len(word) && name[len(name)-len(word):] == word {
		return name[:len(name)-len(word)]
	}
	return name
}

// unitOf finds the unit of a system: beside its axes, or within the first.
func unitOf(n *node, key string) *node {
	if u := n.kid(key, "UNIT"); u != nil {
		return u
	}
	return n.kid("AXIS").kid(key, "UNIT")
}

// projectedOf makes a PROJCS: parameters in the units of the system, as
// version 1 has them.
func projectedOf(n *node) *node {
	out := &node{key: "PROJCS", texts: n.texts}
	base, conversion := n.kid("BASEGEOGCRS", "BASEGEODCRS"), n.kid("CONVERSION")
	if base != nil {
		out.kids = append(out.kids, geographicOf(base))
	}
	angle := out.kid("GEOGCS").kid("UNIT").number(0, radians(1))
	length := unitOf(n, "LENGTHUNIT").number(0, 1)
	out.kids = append(out.kids, &node{key: "UNIT", numbers: []float64{length}})
	if conversion == nil {
		return out
	}
	out.kids = append(out.kids, &node{key: "PROJECTION", texts: conversion.kid("METHOD", "PROJECTION").list()})
	for _, k := range conversion.kids {
		if k.key == "PARAMETER" && len(k.numbers) > 0 {
			p := &node{key: "PARAMETER", texts: k.texts, numbers: slices.Clone(k.numbers[:1])}
			if u := k.kid("ANGLEUNIT"); u != nil && angle != 0 {
				p.numbers[0] *= u.number(0, angle) / angle
			}
			if u := k.kid("LENGTHUNIT"); u != nil && length != 0 {
				p.numbers[0] *= u.number(0, length) / length
			}
			out.kids = append(out.kids, p)
		}
	}
	return out
}
