// Command chatmrpt is the window: the acts of core/action for people who do
// not use a terminal. It only puts the parts together; what the window shows
// and does is in ui.
//
// Profiles lie where mrpt has them: --home, MRPT_HOME, or the system's folder
// for a user's data. Nothing of a user goes into Fyne's own preferences or
// storage, which are not encrypted.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"chatmrpt/assets"
	"chatmrpt/cmd/internal/build"
	"chatmrpt/core/vault"
	"chatmrpt/ui/bridge"
	"chatmrpt/ui/presenter"
	"chatmrpt/ui/screens"
	"chatmrpt/ui/theme"
)

const appID = "org.chatmrpt.desktop"

func main() { os.Exit(status(os.Args[1:], os.Getenv, os.Stdout, os.Stderr)) }

// status runs the program and returns its exit status: 0 done, 2 wrong usage
// or no display.
func status(args []string, getenv func(string) string, out, errs io.Writer) int {
	o, err := options(args, getenv, errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(errs, "chatmrpt:", err)
		return 2
	case o.version:
		fmt.Fprintln(out, "chatmrpt", build.Version())
		return 0
	case noDisplay(runtime.GOOS, getenv):
		fmt.Fprintln(errs, "chatmrpt: there is no display to open a window on\nhint: start it in a graphical session, or use mrpt, which does the same at a terminal")
		return 2
	}
	if err := vault.Harden(); err != nil {
		fmt.Fprintln(errs, "chatmrpt:", err)
	}
	run(o)
	return 0
}

// settings are what the command line says.
type settings struct {
	home    string
	version bool
}

func options(args []string, getenv func(string) string, errs io.Writer) (settings, error) {
	o := settings{home: getenv("MRPT_HOME")}
	flags := flag.NewFlagSet("chatmrpt", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.home, "home", o.home, "`folder` of the profiles (or MRPT_HOME)")
	flags.BoolVar(&o.version, "version", false, "print the version and end")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not expected here; files are added in the window", flags.Arg(0))
	}
	var err error
	if o.home != "" {
		o.home, err = filepath.Abs(o.home)
		return o, err
	}
	base, err := os.UserConfigDir()
	if err != nil {
		return o, errors.New("the system names no folder for your data; give one with --home")
	}
	o.home = filepath.Join(base, "chatmrpt")
	return o, nil
}

// noDisplay reports that a window can't open, where that can be known before.
func noDisplay(system string, getenv func(string) string) bool {
	return system == "linux" && getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == ""
}

// run opens the window and returns when it is closed.
func run(o settings) {
	a := app.NewWithID(appID)
	a.Settings().SetTheme(theme.New())
	a.SetIcon(fyne.NewStaticResource("icon.png", assets.Icon()))
	w := a.NewWindow("ChatMRPT")
	w.SetMaster()
	loop := bridge.New()
	view := screens.New(w, presenter.Local{Folder: o.home, Version: build.Version(), Now: time.Now}, loop, presenter.SystemClock{})
	leave := func() { view.Quit(a.Quit) }
	w.SetCloseIntercept(leave)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	loop.Go(func() {
		<-stop
		loop.Post(leave)
	})
	w.Resize(fyne.NewSize(1180, 760))
	w.CenterOnScreen()
	w.ShowAndRun()
}
