package screens

import (
	"fmt"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"chatmrpt/ui/presenter"
	"chatmrpt/ui/widgets"
)

// sheetView shows the table that came of the newest act, whatever act it was.
type sheetView struct {
	object fyne.CanvasObject
	sheet  *presenter.Sheet
	table  *widget.Table
	title  *widget.Label
	empty  *widget.Label
}

func newSheetView() *sheetView {
	v := &sheetView{title: widgets.Caption(""), empty: prose("The table of what was done last appears here.")}
	v.empty.Alignment = fyne.TextAlignCenter
	cell := func() fyne.CanvasObject { return widget.NewLabel("") }
	v.table = widget.NewTable(func() (int, int) {
		if v.sheet == nil {
			return 0, 0
		}
		return v.sheet.Size()
	}, cell, func(id widget.TableCellID, o fyne.CanvasObject) {
		if v.sheet != nil {
			v.set(o.(*widget.Label), id.Col, v.sheet.Cell(id.Row, id.Col), false)
		}
	})
	v.table.ShowHeaderRow = true
	v.table.CreateHeader = cell
	v.table.UpdateHeader = func(id widget.TableCellID, o fyne.CanvasObject) {
		if v.sheet != nil && id.Col >= 0 {
			v.set(o.(*widget.Label), id.Col, v.sheet.Heading(id.Col), true)
		}
	}
	v.object = container.NewBorder(v.title, nil, nil, nil, container.NewStack(v.table, v.empty))
	v.show(nil)
	return v
}

// set fills a cell; numbers stand at the right.
func (v *sheetView) set(l *widget.Label, col int, text string, heading bool) {
	l.Alignment = fyne.TextAlignLeading
	if v.sheet.Number(col) {
		l.Alignment = fyne.TextAlignTrailing
	}
	l.TextStyle.Bold = heading
	l.Truncation = fyne.TextTruncateEllipsis
	l.SetText(text)
}

// show puts up a table, and reports whether it is a new one.
func (v *sheetView) show(sheet *presenter.Sheet) bool {
	fresh := sheet != v.sheet
	v.sheet = sheet
	if sheet == nil {
		v.title.Hide()
		v.table.Hide()
		v.empty.Show()
		return false
	}
	if !fresh {
		return false
	}
	v.empty.Hide()
	rows, columns := sheet.Size()
	v.title.SetText(fmt.Sprintf("%s: %d rows", sheet.Title, rows))
	v.title.Show()
	for c := range columns {
		v.table.SetColumnWidth(c, v.width(c))
	}
	v.table.Show()
	v.table.ScrollToTop()
	v.table.Refresh()
	return true
}

// width is room for the heading and the first rows of a column, within bounds.
func (v *sheetView) width(column int) float32 {
	longest := utf8.RuneCountInString(v.sheet.Heading(column))
	rows, _ := v.sheet.Size()
	for row := range min(rows, 20) {
		longest = max(longest, utf8.RuneCountInString(v.sheet.Cell(row, column)))
	}
	const letter, margin = 8, 24
	return min(float32(longest)*letter+margin, 320)
}
