package measure

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/boundary"
	"chatmrpt/geo/boundary/crs"
)

func TestX(t *testing.T) {
	l, err := boundary.Read(t.Context(), []boundary.File{{Name: "w.zip", Data: beside.Read(t, "data/nigeria/nga_wards_9367.zip")}}, boundary.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := crs.FromEPSG(26332)
	var w [7]float64
	for i, r := range beside.CSV(t, "reference/geo/ward_measures.csv.gz")[1:] {
		f := func(k int) float64 { v, _ := strconv.ParseFloat(r[k], 64); return v }
		a := l.Areas[i]
		pa, pc := Plane(Project(a, s))
		_, c := Plane(a)
		for k, d := range []float64{pa/f(1) - 1, Area(a)/f(2) - 1, pc[0] - f(3), pc[1] - f(4), c[0] - f(5), c[1] - f(6), Perimeter(a)/f(7) - 1} {
			if math.Abs(d) > w[k] {
				w[k] = math.Abs(d)
				if i < 4 {
					fmt.Println(i, k, d, f(k+1))
				}
			}
		}
	}
	fmt.Println(w)
}
