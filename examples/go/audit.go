package voiceworker

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Event of the audit trail, as it came.
type Event struct {
	Type      string          // its AMQP type, such as "CallVoiceResolved"
	EventID   string          // the same whenever it comes again
	Stream    string          // such as "business-42"
	Sequence  int64           // 1, 2, 3 … in its stream
	IsReplay  bool            // an operator has had it published again
	IsAltered bool            // its hash does not follow on the event before: somebody has altered one of the two
	Body      json.RawMessage // of the message, for json.Unmarshal
}

// Gap is a part of a stream that is missing. An audit replay fills what the store still has.
type Gap struct {
	Stream      string
	First, Last int64
}

// Handler gets each event once. When it fails, what came with that event is not noted as handled, and all of it comes
// again: an event is never left out. It also comes again when the process is killed before the ledger is written, so
// what the handler writes elsewhere has to bear that, by the EventID.
type Handler func(ctx context.Context, event Event) error

// AuditConsumer has a handler do something with every audit event, and keeps what is missing.
type AuditConsumer struct {
	nodes   []string
	queue   string
	handler Handler
	ledger  *Ledger
	logger  *log.Logger
	pause   time.Duration
}

const (
	auditExchange   = "voice-audit"
	auditBatch      = 100
	auditPatience   = 100 * time.Millisecond // without a delivery, until what has come is committed
	firstAuditPause = time.Second
	lastAuditPause  = 30 * time.Second
)

// NewAuditConsumer consumes a queue of its own, which it declares and binds to all audit events. A ledger belongs to
// one queue. LogTo is the only option that it heeds.
func NewAuditConsumer(
	urls []string, queue string, ledger *Ledger, handler Handler, options ...Option,
) (*AuditConsumer, error) {
	if err := checkURLs(urls); err != nil {
		return nil, err
	}
	s := settings{logger: log.New(io.Discard, "", 0)}.with(options)
	return &AuditConsumer{
		nodes: append([]string(nil), urls...), queue: queue, handler: handler, ledger: ledger, logger: s.logger,
		pause: firstAuditPause,
	}, nil
}

// Run consumes until ctx ends; what fails is logged and tried again.
func (a *AuditConsumer) Run(ctx context.Context) {
	for ctx.Err() == nil {
		url := a.nodes[0]
		a.nodes = append(a.nodes[1:], url)
		err := a.consume(ctx, url)
		if ctx.Err() != nil {
			return
		}
		a.logger.Printf("voiceworker: %s: %s is not consumed: %v", nameOf(url), a.queue, err)
		select {
		case <-ctx.Done():
		case <-time.After(a.pause):
		}
		if a.pause *= 2; a.pause > lastAuditPause {
			a.pause = lastAuditPause
		}
	}
}

func (a *AuditConsumer) consume(ctx context.Context, url string) error {
	over, cancel := context.WithCancel(ctx)
	defer cancel()
	late := time.AfterFunc(opening, cancel)
	connection, err := amqp.DialConfig(url, configOf(dialWithin(over)))
	if err != nil {
		return err
	}
	ended := connection.NotifyClose(make(chan *amqp.Error, 1))
	go func() {
		<-ended
		cancel()
	}()
	channel, deliveries, err := a.open(connection)
	late.Stop()
	if err != nil {
		return err
	}
	a.logger.Printf("voiceworker: consuming %s", a.queue)
	for {
		last, err := a.handleBatch(over, deliveries)
		if err != nil {
			return err
		}
		if err = channel.Ack(last, true); err != nil {
			return err
		}
		a.pause = firstAuditPause
	}
}

// Whatever waits for the node ends with its socket.
func dialWithin(ctx context.Context) func(network, address string) (net.Conn, error) {
	return func(network, address string) (net.Conn, error) {
		socket, err := (&net.Dialer{Timeout: connecting}).DialContext(ctx, network, address)
		if err == nil {
			go func() {
				<-ctx.Done()
				socket.Close()
			}()
		}
		return socket, err
	}
}

func (a *AuditConsumer) open(connection *amqp.Connection) (*amqp.Channel, <-chan amqp.Delivery, error) {
	channel, err := connection.Channel()
	if err != nil {
		return nil, nil, err
	}
	// Nothing is dropped, however often the process is killed, and where a policy limits the queue the worker waits.
	// One consumer at a time: in order, also while RabbitMQ has not noticed that the connection before is dead.
	arguments := amqp.Table{
		"x-queue-type": "quorum", "x-delivery-limit": int32(2147483647), "x-overflow": "reject-publish",
		"x-single-active-consumer": true,
	}
	if err = channel.ExchangeDeclare(auditExchange, "fanout", true, false, false, false, nil); err != nil {
		return nil, nil, err
	}
	if _, err = channel.QueueDeclare(a.queue, true, false, false, false, arguments); err != nil {
		return nil, nil, err
	}
	if err = channel.QueueBind(a.queue, "", auditExchange, false, nil); err != nil {
		return nil, nil, err
	}
	if err = channel.Qos(5*auditBatch, 0, false); err != nil {
		return nil, nil, err
	}
	deliveries, err := channel.Consume(a.queue, "", false, false, false, false, nil)
	return channel, deliveries, err
}

// Commits, so that the last of the batch can be acknowledged with all before it.
func (a *AuditConsumer) handleBatch(ctx context.Context, deliveries <-chan amqp.Delivery) (uint64, error) {
	delivery, open, isThere := amqp.Delivery{}, false, true
	select {
	case delivery, open = <-deliveries:
	case <-ctx.Done():
	}
	if !open {
		return 0, errors.New("the connection has ended")
	}
	t := a.ledger.begin(a.logger)
	last := delivery.DeliveryTag
	for i := 1; isThere; i++ {
		if err := a.handle(ctx, t, delivery); err != nil {
			return 0, err
		}
		last = delivery.DeliveryTag
		if i == auditBatch {
			break
		}
		select {
		case delivery, isThere = <-deliveries:
		case <-time.After(auditPatience):
			isThere = false
		}
	}
	return last, t.commit()
}

func (a *AuditConsumer) handle(ctx context.Context, t *transaction, delivery amqp.Delivery) error {
	event, isNew, err := t.take(delivery.Type, delivery.Body)
	if err != nil {
		return fmt.Errorf("no audit event: %w", err)
	}
	if !isNew {
		return nil
	}
	if event.IsAltered {
		a.logger.Printf("voiceworker: %s %d does not follow on the event before: one of them was altered",
			event.Stream, event.Sequence)
	}
	event.IsReplay, _ = delivery.Headers["x-replay"].(bool)
	if err := a.handler(ctx, event); err != nil {
		return fmt.Errorf("an event could not be handled, it comes again: %w", err)
	}
	return nil
}

// Ledger keeps in a file, for each stream, the highest sequence that was handled, its hash, and the gaps below. One
// consumer for each. The file has a line for each commit; it is written anew when it has many that are out of date.
type Ledger struct {
	mu      sync.Mutex
	path    string
	file    *os.File
	streams map[string]progress
	lines   int
}

type progress struct {
	Last int64      `json:"last"`
	Hash string     `json:"hash,omitempty"`
	Gaps [][2]int64 `json:"gaps,omitempty"`
}

const shortLedger = 10_000 // lines

// OpenLedger opens the file, or makes it.
func OpenLedger(path string) (*Ledger, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	l := &Ledger{path: path, file: file, streams: map[string]progress{}}
	end, err := l.read()
	if err == nil {
		// A line without an end was being written when the process was killed: it was not committed.
		err = file.Truncate(end)
	}
	if err == nil {
		_, err = file.Seek(end, io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("the ledger %s cannot be read: %w", path, err)
	}
	l.syncFolder()
	return l, nil
}

// Returns where the last line that has an end ends.
func (l *Ledger) read() (end int64, err error) {
	lines := bufio.NewReader(l.file)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return end, nil
		}
		if err != nil {
			return end, err
		}
		var changed map[string]progress
		if err = json.Unmarshal(line, &changed); err != nil {
			return end, err
		}
		for stream, state := range changed {
			l.streams[stream] = state
		}
		end += int64(len(line))
		l.lines++
	}
}

// Gaps is what is missing, in the order of streams and sequences.
func (l *Ledger) Gaps() []Gap {
	l.mu.Lock()
	defer l.mu.Unlock()
	gaps := []Gap{}
	for stream, state := range l.streams {
		for _, gap := range state.Gaps {
			gaps = append(gaps, Gap{Stream: stream, First: gap[0], Last: gap[1]})
		}
	}
	sort.Slice(gaps, func(i, j int) bool {
		return gaps[i].Stream < gaps[j].Stream || gaps[i].Stream == gaps[j].Stream && gaps[i].First < gaps[j].First
	})
	return gaps
}

// Close closes the file, behind the end of Run.
func (l *Ledger) Close() error { return l.file.Close() }

func (l *Ledger) begin(logger *log.Logger) *transaction {
	return &transaction{ledger: l, logger: logger, changed: map[string]progress{}}
}

func (l *Ledger) commit(changed map[string]progress) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	end, err := l.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if err = appendLine(l.file, changed); err != nil {
		// What is left of it would be the beginning of the next line.
		_ = l.file.Truncate(end)
		_, _ = l.file.Seek(end, io.SeekStart)
		return err
	}
	l.lines++
	for stream, state := range changed {
		l.streams[stream] = state
	}
	if l.lines > shortLedger && l.lines > 2*len(l.streams) {
		return l.shorten()
	}
	return nil
}

func appendLine(file *os.File, changed map[string]progress) error {
	line, err := json.Marshal(changed)
	if err != nil {
		return err
	}
	if _, err = file.Write(append(line, '\n')); err != nil {
		return err
	}
	return file.Sync()
}

// The old file stays until the new one is complete.
func (l *Ledger) shorten() error {
	file, err := os.Create(l.path + ".new")
	if err != nil {
		return err
	}
	if err = appendLine(file, l.streams); err == nil {
		err = os.Rename(l.path+".new", l.path)
	}
	if err != nil {
		file.Close()
		return err
	}
	l.syncFolder()
	l.file.Close()
	l.file, l.lines = file, 1
	return nil
}

// So that the name is still that of this file after a power cut; Windows has no such thing.
func (l *Ledger) syncFolder() {
	if folder, err := os.Open(filepath.Dir(l.path)); err == nil {
		_ = folder.Sync()
		folder.Close()
	}
}

// What happens between a delivery and its acknowledgement; the ledger has none of it before the commit.
type transaction struct {
	ledger  *Ledger
	logger  *log.Logger
	changed map[string]progress
}

func (t *transaction) commit() error {
	if len(t.changed) == 0 {
		return nil
	}
	return t.ledger.commit(t.changed)
}

// Notes an event as handled; false for a repeat. The rule of sequences of docs/messages.md.
func (t *transaction) take(kind string, body []byte) (event Event, isNew bool, err error) {
	var envelope struct {
		EventID, Stream, Hash string
		Sequence              int64
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return event, false, err
	}
	stream, sequence := envelope.Stream, envelope.Sequence
	if stream == "" || sequence < 1 {
		return event, false, errors.New("stream and sequence are needed")
	}
	before := t.progress(stream)
	after, isNew := before.with(sequence, envelope.Hash)
	if !isNew {
		return event, false, nil
	}
	if sequence > before.Last+1 {
		t.logger.Printf("voiceworker: %s %d to %d are missing", stream, before.Last+1, sequence-1)
	}
	follows, err := follows(kind, body, before)
	t.changed[stream] = after
	return Event{
		Type: kind, EventID: envelope.EventID, Stream: stream, Sequence: sequence, IsAltered: !follows, Body: body,
	}, true, err
}

// False for a repeat.
func (p progress) with(sequence int64, hash string) (progress, bool) {
	if sequence <= p.Last {
		filled := without(p.Gaps, sequence)
		isNew := filled != nil
		return progress{Last: p.Last, Hash: p.Hash, Gaps: filled}, isNew
	}
	gaps := p.Gaps
	if sequence > p.Last+1 {
		gaps = append(append([][2]int64{}, gaps...), [2]int64{p.Last + 1, sequence - 1})
	}
	return progress{Last: sequence, Hash: hash, Gaps: gaps}, true
}

func (t *transaction) progress(stream string) progress {
	if state, isThere := t.changed[stream]; isThere {
		return state
	}
	t.ledger.mu.Lock()
	defer t.ledger.mu.Unlock()
	return t.ledger.streams[stream]
}

// The gaps without a sequence; nil where it is in none.
func without(gaps [][2]int64, sequence int64) [][2]int64 {
	for i, gap := range gaps {
		if gap[0] <= sequence && sequence <= gap[1] {
			left := append([][2]int64{}, gaps[:i]...)
			if gap[0] < sequence {
				left = append(left, [2]int64{gap[0], sequence - 1})
			}
			if sequence < gap[1] {
				left = append(left, [2]int64{sequence + 1, gap[1]})
			}
			return append(left, gaps[i+1:]...)
		}
	}
	return nil
}

// The chain of hashes of docs/messages.md: false when the event or the one before has been altered; true when not, or
// when there is nothing to compare.
func follows(kind string, body []byte, before progress) (bool, error) {
	var event map[string]any
	numbers := json.NewDecoder(bytes.NewReader(body))
	numbers.UseNumber()
	if err := numbers.Decode(&event); err != nil {
		return false, err
	}
	sequence := fmt.Sprint(event["sequence"])
	if event["hash"] == nil || kind == "" || kind == "HistoryLost" || sequence != fmt.Sprint(before.Last+1) {
		return true, nil
	}
	last, err := hex.DecodeString(before.Hash)
	if err != nil || len(last) != sha256.Size {
		last = make([]byte, sha256.Size)
	}
	lines := []string{
		fmt.Sprint(event["eventId"]), fmt.Sprint(event["stream"]), sequence, kind, fmt.Sprint(event["occurredAt"]),
	}
	hash := event["hash"]
	for _, name := range []string{"eventId", "stream", "sequence", "hash"} {
		delete(event, name)
	}
	var text strings.Builder
	canonical(&text, event)
	sum := sha256.Sum256(append(last, strings.Join(append(lines, text.String()), "\n")...))
	return hash == hex.EncodeToString(sum[:]), nil
}

// As PostgreSQL writes jsonb.
func canonical(text *strings.Builder, value any) {
	switch value := value.(type) {
	case map[string]any:
		text.WriteByte('{')
		for i, name := range namesOf(value) {
			separate(text, i)
			quote(text, name)
			text.WriteString(": ")
			canonical(text, value[name])
		}
		text.WriteByte('}')
	case []any:
		text.WriteByte('[')
		for i, one := range value {
			separate(text, i)
			canonical(text, one)
		}
		text.WriteByte(']')
	case string:
		quote(text, value)
	case nil:
		text.WriteString("null")
	default:
		fmt.Fprint(text, value)
	}
}

// The shortest first.
func namesOf(object map[string]any) []string {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		one, other := names[i], names[j]
		return len(one) < len(other) || len(one) == len(other) && one < other
	})
	return names
}

func separate(text *strings.Builder, i int) {
	if i > 0 {
		text.WriteString(", ")
	}
}

var escapes = strings.NewReplacer(escapePairs()...)

func escapePairs() []string {
	pairs := []string{`"`, `\"`, `\`, `\\`, "\b", `\b`, "\t", `\t`, "\n", `\n`, "\f", `\f`, "\r", `\r`}
	for c := rune(0); c < ' '; c++ {
		pairs = append(pairs, string(c), fmt.Sprintf(`\u%04x`, c))
	}
	return pairs
}

func quote(text *strings.Builder, value string) {
	text.WriteByte('"')
	_, _ = escapes.WriteString(text, value)
	text.WriteByte('"')
}
