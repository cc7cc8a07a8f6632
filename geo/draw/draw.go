// Package draw turns a scene into a picture: pixels (Image, PNG), SVG, or
// drawing on a PDF page.
//
// The three backends draw the same items in the same order and decide nothing
// about the map. Each has its own way to keep a tiling free of seams: the
// raster one adds up how much of a pixel each tile covers before it paints,
// the others, whose painting is the viewer's, underlay every tile with a hair
// line of its own colour. Equal scenes give equal bytes.
package draw

import (
	"context"
	"errors"
	"fmt"
	"image/color"

	"chatmrpt/geo/scene"
)

// FontFamily is the name of the typeface of assets.FontRegular, in SVG and in
// PDF documents that AddFont has prepared.
const FontFamily = "Inter"

// ErrSize is returned for a picture without pixels, or with more than
// MaxPixels.
var ErrSize = errors.New("draw: the picture's size is impossible")

// hair is the width, in points, of the line of its own colour under a tile.
const hair = 0.3

// checkEvery is how many tiles or lines are drawn between two looks at the
// context.
const checkEvery = 256

// painter is a backend: it draws one kind of item at a time.
type painter interface {
	tiles([]scene.Tile)
	strokes(scene.Strokes)
	rect(scene.Rect)
	text(scene.Text)
}

// paint gives all items of the scene to the painter. Painters stop within an
// item when ctx ends; that they did is reported here.
func paint(ctx context.Context, s *scene.Scene, p painter) error {
	for _, item := range s.Items {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch it := item.(type) {
		case scene.Tiling:
			p.tiles(it.Tiles)
		case scene.Strokes:
			p.strokes(it)
		case scene.Rect:
			p.rect(it)
		case scene.Text:
			p.text(it)
		default:
			return fmt.Errorf("draw: no way to draw a %T", item)
		}
	}
	return ctx.Err()
}

// colorGroup is the tiles of one colour.
type colorGroup struct {
	fill  color.NRGBA
	tiles []scene.Tile
}

// byColor gathers tiles by colour, in the order in which the colours first
// appear; tiles do not overlap, so their order is free.
func byColor(tiles []scene.Tile) []colorGroup {
	index := map[color.NRGBA]int{}
	var groups []colorGroup
	for _, t := range tiles {
		i, ok := index[t.Fill]
		if !ok {
			i = len(groups)
			index[t.Fill] = i
			groups = append(groups, colorGroup{fill: t.Fill})
		}
		groups[i].tiles = append(groups[i].tiles, t)
	}
	return groups
}
