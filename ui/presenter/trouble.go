package presenter

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
)

// Trouble is a problem in the words of the window: what is wrong in a
// sentence, and what to do.
type Trouble struct {
	Heading  string // the kind of trouble
	Sentence string
	Hint     string
}

// troubleOf puts a problem into sentences. Problems speak of flags and
// commands, as the terminal has them; here these are fields and steps.
func troubleOf(err error, op string) *Trouble {
	if err == nil {
		return nil
	}
	p := problem.From(err, op)
	words := windowWords(p.Message)
	if p.Subject != "" {
		words = windowWords(p.Subject) + ": " + words
	}
	return &Trouble{Heading: codeWords(p.Code), Sentence: sentence(words), Hint: sentence(windowWords(p.Hint))}
}

// openTrouble is why a profile did not open. Who tries again too early is told
// how long to wait.
func openTrouble(err error) *Trouble {
	t := troubleOf(err, "open")
	if soon, ok := errors.AsType[*vault.TooSoon](err); ok {
		seconds := int(math.Ceil(soon.Wait.Seconds()))
		t.Sentence = fmt.Sprintf("After %s, wait %s before the next try.", counted(soon.Failures, "wrong passphrase"), counted(seconds, "second"))
	}
	return t
}

// wrongTries tells of wrong passphrases since the profile was last opened, nil
// when there were none.
func wrongTries(n int, last time.Time) *Trouble {
	if n == 0 {
		return nil
	}
	were := "were"
	if n == 1 {
		were = "was"
	}
	return &Trouble{
		Heading: "Wrong passphrases",
		Sentence: fmt.Sprintf("%s %s tried since you last opened this profile, the last on %s.",
			counted(n, "wrong passphrase"), were, last.Format("2 January 2006 at 15:04")),
		Hint: "If that was not you, somebody at this computer guessed at your passphrase. None of the guesses opened it.",
	}
}

// counted is a number of things, with its plural.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// wasStopped reports whether err only says that the person stopped it.
func wasStopped(err error) bool { return problem.Is(err, problem.Interrupted) }

var (
	exampleFlag = regexp.MustCompile(`such as --[a-z-]+ `)
	giveFlag    = regexp.MustCompile(`\bGive --([a-z-]+)`)
	withFlag    = regexp.MustCompile(`\bwith --([a-z-]+)`)
	flagName    = regexp.MustCompile(`--([a-z][a-z-]*)`)
	commandName = regexp.MustCompile("`mrpt ([a-z]+(?: [a-z]+)?)(?: NAME)?`")
)

// windowWords names fields and steps where text names flags and commands.
func windowWords(text string) string {
	text = exampleFlag.ReplaceAllString(text, "such as ")
	text = rename(text, giveFlag, func(n string) string { return "Fill in “" + labelOf(n) + "”" })
	text = rename(text, withFlag, func(n string) string { return "in “" + labelOf(n) + "”" })
	text = rename(text, flagName, func(n string) string { return "“" + labelOf(n) + "”" })
	return rename(text, commandName, stepWords)
}

// stepWords names what to do in the window where text says a command; what the
// window can't do is done at a terminal.
func stepWords(act string) string {
	if _, ok := stepOf(act); ok {
		return "the step “" + stepTitle(act) + "”"
	}
	return "“mrpt " + act + "” at a terminal"
}

// rename replaces every match of at by what words makes of its first group.
func rename(text string, at *regexp.Regexp, words func(string) string) string {
	return at.ReplaceAllStringFunc(text, func(m string) string { return words(at.FindStringSubmatch(m)[1]) })
}

// sentence begins with a capital and ends with a stop. A name of a file or
// table at its beginning stays as it is spelt.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if word, _, _ := strings.Cut(s, " "); !strings.ContainsAny(strings.TrimRight(word, ".,:;"), "._/") {
		s = capital(s)
	}
	if strings.ContainsRune(".!?:", rune(s[len(s)-1])) {
		return s
	}
	return s + "."
}

// errBusy is the answer to a second act while one runs.
func errBusy() error {
	return problem.New(problem.Conflict, "window", "", "something is still running", "Wait until it is done, or cancel it")
}
