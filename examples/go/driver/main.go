// Command driver holds the client against clients/conformance: it reads commands, one JSON object a line, and writes
// what came of each.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"strings"
	"sync"
	"time"

	"voiceworker"
)

type command struct {
	ID         json.RawMessage `json:"id"`
	Do         string          `json:"do"`
	BusinessID json.RawMessage `json:"businessId"`
	CallID     string          `json:"callId"`
	VoiceID    string          `json:"voiceId"`
	Timeout    float64         `json:"timeout"`
	Default    string          `json:"default"`
	ChangedBy  *string         `json:"changedBy"`
	ChangedAt  *time.Time      `json:"changedAt"`
	Queue      string          `json:"queue"`
	Ledger     string          `json:"ledger"`
	FailAt     string          `json:"failAt"`
}

type answer map[string]any

func main() {
	urls := strings.Fields(os.Getenv("AMQP_URLS"))
	client, err := voiceworker.NewClient(urls, voiceworker.LogTo(log.Default()))
	if err != nil {
		log.Fatal(err)
	}
	output := newOutput()
	trails := newTrails(urls, output)
	var running sync.WaitGroup
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := append([]byte(nil), lines.Bytes()...)
		running.Add(1)
		go func() {
			defer running.Done()
			output.write(carryOut(client, trails, line))
		}()
	}
	running.Wait()
	trails.close()
	client.Close()
}

func carryOut(client *voiceworker.Client, trails *trails, line []byte) answer {
	var c command
	if err := json.Unmarshal(line, &c); err != nil {
		return answer{"id": c.ID, "error": "other", "text": err.Error()}
	}
	began := time.Now()
	result, err := c.carryOut(client, trails)
	if c.Do == "voiceFor" || c.Do == "changeVoice" {
		took := time.Since(began)
		result["ms"] = float64(took.Microseconds()) / 1000
	}
	result["id"] = c.ID
	var contract *voiceworker.ContractError
	var notConfirmed *voiceworker.NotConfirmedError
	switch {
	case errors.As(err, &contract):
		result["error"], result["kind"], result["broken"] = "contract", contract.Kind, contract.Broken
	case errors.As(err, &notConfirmed):
		result["error"], result["changedAt"] = "notConfirmed", notConfirmed.ChangedAt
	case err != nil:
		result["error"], result["text"] = "other", err.Error()
	}
	return result
}

func (c command) carryOut(client *voiceworker.Client, trails *trails) (answer, error) {
	switch c.Do {
	case "voiceFor":
		return c.voiceFor(client)
	case "changeVoice":
		return c.changeVoice(client)
	case "counts":
		counts := client.Counts()
		return answer{"answered": counts.Answered, "defaulted": counts.Defaulted, "late": counts.Late}, nil
	case "consume":
		return answer{"consuming": true}, trails.consume(c)
	case "gaps":
		return trails.gaps(c.Ledger)
	default:
		return answer{}, errors.New("unknown command " + c.Do)
	}
}

func (c command) voiceFor(client *voiceworker.Client) (answer, error) {
	options := []voiceworker.Option{}
	if c.Timeout > 0 {
		options = append(options, voiceworker.Timeout(seconds(c.Timeout)))
	}
	if c.Default != "" {
		options = append(options, voiceworker.Default(c.Default))
	}
	voice, err := client.VoiceFor(context.Background(), c.businessID(), c.CallID, options...)
	if err != nil {
		return answer{}, err
	}
	return answer{"voiceId": voice.VoiceID, "source": voice.Source, "reason": voice.Reason}, nil
}

func (c command) changeVoice(client *voiceworker.Client) (answer, error) {
	options := []voiceworker.Option{}
	if c.Timeout > 0 {
		options = append(options, voiceworker.Timeout(seconds(c.Timeout)))
	}
	if c.ChangedBy != nil {
		options = append(options, voiceworker.ChangedBy(*c.ChangedBy))
	}
	if c.ChangedAt != nil {
		options = append(options, voiceworker.At(*c.ChangedAt))
	}
	change, err := client.ChangeVoice(context.Background(), c.businessID(), c.VoiceID, options...)
	if err != nil {
		return answer{}, err
	}
	return answer{
		"outcome": change.Outcome, "reason": orNull(change.Reason), "voiceId": change.VoiceID,
		"standingVoiceId": orNull(change.StandingVoiceID), "changedAt": change.ChangedAt,
	}, nil
}

// A value that is no integer cannot be handed to a client in Go: 0 breaks the same rule.
func (c command) businessID() int {
	var id int
	if json.Unmarshal(c.BusinessID, &id) != nil {
		return 0
	}
	return id
}

func seconds(value float64) time.Duration { return time.Duration(value * float64(time.Second)) }

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

type output struct {
	mu      sync.Mutex
	encoder *json.Encoder
}

func newOutput() *output { return &output{encoder: json.NewEncoder(os.Stdout)} }

func (o *output) write(one answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.encoder.Encode(one); err != nil {
		log.Fatal(err)
	}
}
