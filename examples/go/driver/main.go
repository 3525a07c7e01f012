// Command driver holds the client against clients/conformance: it reads commands, one JSON object a line, and writes
// what came of each.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"voiceworker"
)

type command struct {
	ID         json.RawMessage `json:"id"`
	Do         string          `json:"do"`
	BusinessID json.RawMessage `json:"businessId"`
	CallID     text            `json:"callId"`
	VoiceID    text            `json:"voiceId"`
	Timeout    float64         `json:"timeout"`
	Default    string          `json:"default"`
	ChangedBy  *text           `json:"changedBy"`
	ChangedAt  *instant        `json:"changedAt"`
	Queue      string          `json:"queue"`
	Ledger     string          `json:"ledger"`
	FailAt     string          `json:"failAt"`
}

// What a client in Go cannot be handed breaks the same rule in another way: what is no text is an empty one, half of a
// surrogate pair is bytes that are no UTF-8, and what is no instant is one that RFC 3339 does not have.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	var value string
	if json.Unmarshal(raw, &value) != nil {
		value = ""
	}
	if strings.ContainsRune(value, utf8.RuneError) && !bytes.ContainsRune(raw, utf8.RuneError) {
		value = strings.ReplaceAll(value, string(utf8.RuneError), "\xed\xa0\x80")
	}
	*t = text(value)
	return nil
}

type instant struct{ time.Time }

func (i *instant) UnmarshalJSON(raw []byte) error {
	if i.Time.UnmarshalJSON(raw) != nil {
		i.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return nil
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
	options := []voiceworker.Option{voiceworker.Timeout(seconds(c.Timeout))}
	if c.Default != "" {
		options = append(options, voiceworker.Default(c.Default))
	}
	voice, err := client.VoiceFor(context.Background(), c.businessID(), string(c.CallID), options...)
	if err != nil {
		return answer{}, err
	}
	return answer{"voiceId": voice.VoiceID, "source": voice.Source, "reason": voice.Reason}, nil
}

func (c command) changeVoice(client *voiceworker.Client) (answer, error) {
	options := []voiceworker.Option{voiceworker.Timeout(seconds(c.Timeout))}
	if c.ChangedBy != nil {
		options = append(options, voiceworker.ChangedBy(string(*c.ChangedBy)))
	}
	if c.ChangedAt != nil {
		options = append(options, voiceworker.At(c.ChangedAt.Time))
	}
	change, err := client.ChangeVoice(context.Background(), c.businessID(), string(c.VoiceID), options...)
	if err != nil {
		return answer{}, err
	}
	return answer{
		"outcome": change.Outcome, "reason": orNull(change.Reason), "voiceId": change.VoiceID,
		"standingVoiceId": orNull(change.StandingVoiceID), "changedAt": change.ChangedAt,
	}, nil
}

// 0 where it is no integer.
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
