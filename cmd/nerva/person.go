package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/core/bus"
)

const (
	// reading is how long a question stands there before it can be answered: who was typing something else would
	// answer what nobody has read.
	reading = 500 * time.Millisecond
	// glance is how often the reader looks whether it is still wanted; it runs only while a question is open.
	glance = 100 * time.Millisecond
)

// person is asked at the terminal, one question after the other. It belongs to the goroutine that follows the run;
// while a question is open another one reads a line for it, and ends with the question.
type person struct {
	t       terminal
	in      *os.File
	answers chan answer
	waiting []api.Question // the first one is being asked
	// stop ends the reader, waits for it, and says whether it has handed an answer over; nil where nothing is asked.
	stop func() (answered bool)
}

func newPerson(t terminal) *person {
	in, _ := t.in.(*os.File) // inTTY says that it is one
	return &person{t: t, in: in, answers: make(chan answer)}
}

// ask puts a question when those before it are closed.
func (p *person) ask(q api.Question) error {
	p.waiting = append(p.waiting, q)
	if len(p.waiting) > 1 {
		return nil
	}
	return p.put()
}

// decided takes a question away, whoever answered it, and puts the next one.
func (p *person) decided(id string) error {
	for i, q := range p.waiting {
		if q.ID != id {
			continue
		}
		p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
		if i > 0 {
			return nil
		}
		if !p.close() {
			fmt.Fprintln(p.t.err, "\n  (answered elsewhere, or too late)")
		}
		if len(p.waiting) == 0 {
			return nil
		}
		return p.put()
	}
	return nil
}

// close ends the reader, if there is one.
func (p *person) close() (answered bool) {
	if p.stop != nil {
		answered = p.stop()
		p.stop = nil
	}
	return answered
}

func (p *person) put() error {
	q := p.waiting[0]
	if _, err := io.WriteString(p.t.err, questionText(p.t, q)); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	answered := make(chan bool, 1)
	go func() {
		text, err := p.read(ctx, q)
		said := answer{ID: q.ID, Decision: decision(text), err: err}
		if ctx.Err() != nil {
			answered <- false
			return
		}
		select {
		case p.answers <- said:
			answered <- true
		case <-ctx.Done():
			answered <- false
		}
	}()
	p.stop = func() bool {
		cancel()
		return <-answered
	}
	return nil
}

// read gives the line that was typed after the prompt was there. The terminal keeps what is typed ahead; that is
// thrown away first, a line that is half written as well. An end of the input is an empty line.
func (p *person) read(ctx context.Context, q api.Question) (string, error) {
	select {
	case <-time.After(reading):
	case <-ctx.Done():
		return "", nil
	}
	fd := int(p.in.Fd())
	if err := unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH); err != nil {
		return "", fmt.Errorf("the terminal does not forget what was typed ahead: %w", err)
	}
	if _, err := io.WriteString(p.t.err, promptText(q, time.Now())); err != nil {
		return "", err
	}
	for ctx.Err() == nil {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(poll, int(glance.Milliseconds()))
		if n == 0 || errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("wait for an answer: %w", err)
		}
		line := make([]byte, 4096) // a terminal hands out one line at a time (termios(3), "Canonical mode")
		n, err = p.in.Read(line)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the answer: %w", err)
		}
		return string(bytes.TrimRight(line[:max(n, 0)], "\n")), nil
	}
	return "", nil
}

// answerOwn asks the person whatever the runs of this connection ask, until stop is called. A single call becomes a
// run when it asks; it is known by who made it.
func answerOwn(ctx context.Context, t terminal, b *bus.Client) (stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	asked, err := b.Asked(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for run := range asked {
			if err := answerRun(ctx, t, b, run); err != nil && ctx.Err() == nil {
				fmt.Fprintln(t.err, "nerva: the question can't be asked here:", printable(err.Error()))
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}, nil
}

func answerRun(ctx context.Context, t terminal, b *bus.Client, run uint64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	now, events, err := b.Watch(ctx, run)
	if err != nil || now.Peer != b.Peer() {
		return err
	}
	a := asking{agent: b, terminal: t, person: newPerson(t), show: func(api.Event) error { return nil }}
	_, err = a.follow(ctx, now, events) // how it ended the call itself says
	return err
}
