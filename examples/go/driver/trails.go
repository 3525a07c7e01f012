package main

import (
	"context"
	"errors"
	"log"
	"sync"

	"voiceworker"
)

// The audit consumers of this program, and their ledgers by the names of their files.
type trails struct {
	urls    []string
	output  *output
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
	mu      sync.Mutex
	ledgers map[string]*voiceworker.Ledger
}

func newTrails(urls []string, output *output) *trails {
	t := &trails{urls: urls, output: output, ledgers: map[string]*voiceworker.Ledger{}}
	t.ctx, t.stop = context.WithCancel(context.Background())
	return t
}

func (t *trails) consume(c command) error {
	ledger, err := t.ledger(c.Ledger)
	if err != nil {
		return err
	}
	hasFailed := c.FailAt == ""
	handler := func(_ context.Context, event voiceworker.Event) error {
		if !hasFailed && event.EventID == c.FailAt {
			hasFailed = true
			return errors.New("as the command wants it")
		}
		t.output.write(answer{"event": answer{
			"eventId": event.EventID, "stream": event.Stream, "sequence": event.Sequence, "type": event.Type,
			"isReplay": event.IsReplay, "isAltered": event.IsAltered,
		}})
		return nil
	}
	consumer, err := voiceworker.NewAuditConsumer(t.urls, c.Queue, ledger, handler, voiceworker.LogTo(log.Default()))
	if err != nil {
		return err
	}
	t.running.Add(1)
	go func() {
		defer t.running.Done()
		consumer.Run(t.ctx)
	}()
	return nil
}

func (t *trails) gaps(path string) (answer, error) {
	ledger, err := t.ledger(path)
	if err != nil {
		return answer{}, err
	}
	gaps := [][]any{}
	for _, gap := range ledger.Gaps() {
		gaps = append(gaps, []any{gap.Stream, gap.First, gap.Last})
	}
	return answer{"gaps": gaps}, nil
}

func (t *trails) ledger(path string) (*voiceworker.Ledger, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ledger := t.ledgers[path]; ledger != nil {
		return ledger, nil
	}
	ledger, err := voiceworker.OpenLedger(path)
	if err == nil {
		t.ledgers[path] = ledger
	}
	return ledger, err
}

func (t *trails) close() {
	t.stop()
	t.running.Wait()
	for _, ledger := range t.ledgers {
		if err := ledger.Close(); err != nil {
			log.Print(err)
		}
	}
}
