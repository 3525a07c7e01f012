// Package voiceworker asks the Voice Worker for the voices of calls, and tells it of changes.
//
//	client, err := voiceworker.NewClient([]string{"amqp://user:password@rabbit-1/", "amqp://user:password@rabbit-2/"})
//	voice, err := client.VoiceFor(ctx, 42, "CA-4711")
//
// A call is never without a voice and never waits longer than its timeout, also while RabbitMQ or the worker is away.
package voiceworker

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	mathrand "math/rand"
	"net"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Version of this client.
const Version = "0.1.0"

// Voice is what a call is spoken with.
type Voice struct {
	VoiceID    string
	Source     string // "business", or "default" for a default of the worker or of the caller
	Reason     string // of the worker; "timeout" or "notRecorded" where it has not answered
	BusinessID int
	CallID     string
}

// IsAnswer is whether the worker has said so: then it is what its audit trail has for this call.
func (v Voice) IsAnswer() bool { return v.Reason != "timeout" && v.Reason != "notRecorded" }

// VoiceChange is what became of a change of voice.
type VoiceChange struct {
	// Outcome is "updated"; "superseded": a later change stands; "refused": see Reason; "queued": RabbitMQ keeps it,
	// and the worker has not said yet what became of it.
	Outcome         string
	BusinessID      int
	VoiceID         string // in the spelling of the catalogue once the worker has answered
	ChangedAt       time.Time
	Reason          string // "unknownBusiness", "unsupportedVoice", "superseded", or empty
	StandingVoiceID string // the voice that the business has now; empty where there is none, and while it is queued
}

// Counts is what became of the calls of a client.
type Counts struct {
	Answered  int // got the worker's answer in time
	Defaulted int // got the default
	Late      int // answers that came after their caller had stopped waiting; such a call is defaulted too
}

// BrokenRule is a field that breaks the contract, and what would be right; never a value. Field is empty where the
// message as a whole is meant.
type BrokenRule struct {
	Field string `json:"field"`
	Rule  string `json:"rule"`
}

// ContractError says that a message breaks its contract; sent again, it breaks it again.
type ContractError struct {
	Kind   string // "invalidMessage", or "notRecorded" for a change that the worker could not record
	Broken []BrokenRule
}

func (e *ContractError) Error() string {
	texts := make([]string, len(e.Broken))
	for i, one := range e.Broken {
		field := one.Field
		if field == "" {
			field = "message"
		}
		texts[i] = field + ": " + one.Rule
	}
	return strings.Join(texts, "; ")
}

// NotConfirmedError says that RabbitMQ has not confirmed a change in time: it may have been sent or not. Send it again
// with the same ChangedAt: a change that arrives twice has one effect.
type NotConfirmedError struct {
	Reason    string
	ChangedAt time.Time
}

func (e *NotConfirmedError) Error() string { return "the change is not confirmed: " + e.Reason }

// Option is a setting: given to NewClient for all calls, or with one call.
type Option func(*settings)

type settings struct {
	timeout   time.Duration
	fallback  string
	at        time.Time
	changedBy *string
	logger    *log.Logger
}

// Timeout is how long a call waits for an answer (0.3 s if nothing is said), or a change for its result (5 s).
func Timeout(timeout time.Duration) Option { return func(s *settings) { s.timeout = timeout } }

// Default is the voice of a call that gets no answer in time ("ash" if nothing is said; an empty one is nothing).
func Default(voiceID string) Option {
	return func(s *settings) {
		if voiceID != "" {
			s.fallback = voiceID
		}
	}
}

// At is when the call began, or the voice was changed; now if nothing is said.
func At(instant time.Time) Option { return func(s *settings) { s.at = instant } }

// ChangedBy is who changed a voice, at most 128 characters.
func ChangedBy(who string) Option { return func(s *settings) { s.changedBy = &who } }

// LogTo is for NewClient: where the client tells of its connection. It is silent if nothing is said.
func LogTo(logger *log.Logger) Option {
	return func(s *settings) {
		if logger != nil {
			s.logger = logger
		}
	}
}

const (
	callExchange   = "call-started"
	changeExchange = "business-voice-changed"
	replies        = "amq.rabbitmq.reply-to"
	changeTimeout  = 5 * time.Second
	stall          = 3 * time.Second // a node that confirms nothing for so long is left for another one
	opening        = 6 * time.Second // for connecting, the channel and the consumer together
	connecting     = 3 * time.Second
	heartbeat      = 30 * time.Second
	closing        = time.Second // for the end of a connection whose node does not answer
	firstPause     = 100 * time.Millisecond
	longestPause   = 2 * time.Second
	steady         = time.Second // a connection that was of use for so long is opened again without a pause
	remembered     = 10_000      // requests that nobody waits for any more, to count their late replies
)

// Client carries the requests of all goroutines of a program by one connection, which it opens again when it is lost.
// Make one and share it.
type Client struct {
	settings settings
	nodes    []string
	random   *mathrand.Rand
	life     context.Context
	stop     context.CancelFunc
	stopped  chan struct{}

	mu      sync.Mutex
	counts  Counts
	sent    uint64
	waiting map[string]*request
	givenUp map[string]struct{}
	oldest  []string // of givenUp, in the order in which they were given up
	ready   *session // by which messages can be sent now, or nil
	trouble string
	told    map[string]bool // troubles since the last connection that was of use
	isNews  bool            // whether it has not been told that there is a connection
	closed  bool
}

// NewClient begins to connect to one of the nodes and returns at once. It fails for an AMQP URI that is wrong, or a
// timeout that is not above 0.
func NewClient(urls []string, options ...Option) (*Client, error) {
	if err := checkURLs(urls); err != nil {
		return nil, err
	}
	c := &Client{
		settings: settings{timeout: 300 * time.Millisecond, fallback: "ash", logger: log.New(io.Discard, "", 0)},
		nodes:    append([]string(nil), urls...),
		random:   mathrand.New(mathrand.NewSource(time.Now().UnixNano())),
		stopped:  make(chan struct{}),
		waiting:  map[string]*request{},
		givenUp:  map[string]struct{}{},
		trouble:  "not connected yet",
		told:     map[string]bool{},
		isNews:   true,
	}
	for _, option := range options {
		option(&c.settings)
	}
	if c.settings.timeout <= 0 {
		return nil, errors.New("voiceworker: a timeout above 0 is needed")
	}
	c.random.Shuffle(len(c.nodes), func(i, j int) { c.nodes[i], c.nodes[j] = c.nodes[j], c.nodes[i] })
	c.life, c.stop = context.WithCancel(context.Background())
	go c.run()
	return c, nil
}

func checkURLs(urls []string) error {
	if len(urls) == 0 {
		return errors.New("voiceworker: urls names no RabbitMQ")
	}
	for _, url := range urls {
		// Never with the URI: it has the password.
		if _, err := amqp.ParseURI(url); err != nil {
			return errors.New("voiceworker: an AMQP URI such as amqp://user:password@host:5672/ is needed")
		}
	}
	return nil
}

// VoiceFor is the voice for a call: the worker's answer, or the default when none has come after the timeout, at the
// end of ctx, or when the client is closed. It never waits longer, also while RabbitMQ or the worker is away. The same
// callID asked again gets the answer that it got first. Its only error is a *ContractError.
func (c *Client) VoiceFor(ctx context.Context, businessID int, callID string, options ...Option) (Voice, error) {
	s := c.settings.with(options)
	deadline := time.Now().Add(s.timeout)
	call := callStarted{CallID: callID, BusinessID: businessID, StartedAt: instantOf(s.at)}
	if err := call.check(s.at); err != nil {
		return Voice{}, err
	}
	r := newRequest(callExchange, call, deadline)
	r.expires, r.needsReply = true, true
	c.carry(ctx, r)
	voice, err := c.read(r, Voice{VoiceID: s.fallback, Source: "default", BusinessID: businessID, CallID: callID})
	if err != nil {
		return Voice{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if voice.IsAnswer() {
		c.counts.Answered++
	} else {
		c.counts.Defaulted++
	}
	return voice, nil
}

// ChangeVoice gives a business another voice, and says what became of it. Its outcome is "queued" when RabbitMQ has the
// change and the worker has not answered in time. Its errors are *ContractError, and *NotConfirmedError when RabbitMQ
// has not confirmed the change in time.
func (c *Client) ChangeVoice(
	ctx context.Context, businessID int, voiceID string, options ...Option,
) (VoiceChange, error) {
	s := settings{timeout: changeTimeout}.with(options)
	deadline := time.Now().Add(s.timeout)
	if s.at.IsZero() {
		s.at = time.Now()
	}
	s.at = s.at.Truncate(time.Microsecond)
	change := businessVoiceChanged{
		BusinessID: businessID, VoiceID: voiceID, ChangedAt: instantOf(s.at), ChangedBy: s.changedBy,
	}
	if err := change.check(s.at); err != nil {
		return VoiceChange{}, err
	}
	r := newRequest(changeExchange, change, deadline)
	r.needsReply = true
	c.carry(ctx, r)
	return c.outcome(r, VoiceChange{Outcome: "queued", BusinessID: businessID, VoiceID: voiceID, ChangedAt: s.at})
}

// Counts is what became of the calls so far.
func (c *Client) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

// Close ends the connection. Calls that wait get their default, and so do later ones.
func (c *Client) Close() {
	c.mu.Lock()
	c.closed = true
	for _, r := range c.waiting {
		r.settle()
	}
	c.mu.Unlock()
	c.stop()
	<-c.stopped
}

func (s settings) with(options []Option) settings {
	for _, option := range options {
		option(&s)
	}
	return s
}

// Answers

type reply struct {
	kind string
	body []byte
}

type refusal struct {
	Error  string        `json:"error"`
	Broken []*BrokenRule `json:"broken"`
}

// The answer, or the default; what cannot be understood is no answer.
func (c *Client) read(r *request, voice Voice) (Voice, error) {
	voice.Reason = "timeout"
	if r.reply == nil {
		return voice, nil
	}
	if r.reply.kind == "CallRefused" {
		refused, ok := c.refusal(r.reply)
		if !ok {
			return voice, nil
		}
		if refused.Kind == "invalidMessage" {
			return voice, refused
		}
		// Nothing that its caller could mend.
		c.settings.logger.Printf("voiceworker: a call of business %d was not recorded: %v", voice.BusinessID, refused)
		voice.Reason = "notRecorded"
		return voice, nil
	}
	var answer struct{ VoiceID, Source, Reason *string }
	err := json.Unmarshal(r.reply.body, &answer)
	if err != nil || answer.VoiceID == nil || answer.Source == nil || answer.Reason == nil {
		c.unreadable(r.reply)
		return voice, nil
	}
	voice.VoiceID, voice.Source, voice.Reason = *answer.VoiceID, *answer.Source, *answer.Reason
	return voice, nil
}

func (c *Client) outcome(r *request, change VoiceChange) (VoiceChange, error) {
	switch {
	case r.reply == nil && r.confirmed:
		return change, nil
	case r.reply == nil && r.refusal == "":
		return VoiceChange{}, &NotConfirmedError{Reason: c.latestTrouble(), ChangedAt: change.ChangedAt}
	case r.reply == nil:
		return VoiceChange{}, &NotConfirmedError{Reason: r.refusal, ChangedAt: change.ChangedAt}
	case r.reply.kind == "ChangeRefused":
		if refused, ok := c.refusal(r.reply); ok {
			return VoiceChange{}, refused
		}
		return change, nil
	default:
		return c.result(r.reply, change), nil
	}
}

func (c *Client) result(answer *reply, change VoiceChange) VoiceChange {
	var result struct{ VoiceID, Outcome, Reason, StandingVoiceID *string }
	err := json.Unmarshal(answer.body, &result)
	if err != nil || result.VoiceID == nil || result.Outcome == nil {
		c.unreadable(answer)
		return change
	}
	change.VoiceID, change.Reason = *result.VoiceID, text(result.Reason)
	change.StandingVoiceID = text(result.StandingVoiceID)
	switch {
	case *result.Outcome == "updated":
		change.Outcome, change.Reason = "updated", ""
	case change.Reason == "superseded":
		change.Outcome = "superseded"
	default:
		change.Outcome = "refused"
	}
	return change
}

func (c *Client) refusal(answer *reply) (*ContractError, bool) {
	var read refusal
	err := json.Unmarshal(answer.body, &read)
	if err != nil || read.Error == "" || read.Broken == nil {
		c.unreadable(answer)
		return nil, false
	}
	refused := &ContractError{Kind: read.Error}
	for _, one := range read.Broken {
		if one != nil {
			refused.Broken = append(refused.Broken, *one)
		}
	}
	return refused, true
}

func (c *Client) unreadable(answer *reply) {
	c.settings.logger.Printf("voiceworker: a reply of the type %q cannot be read", answer.kind)
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

// Requests

// A message that somebody waits for. What becomes of it is guarded by the client's mutex.
type request struct {
	correlationID string
	exchange      string
	body          []byte
	deadline      time.Time
	expires       bool // whether the message says so, so that nobody answers it afterwards
	needsReply    bool // whether a confirm is not enough
	done          chan struct{}

	number    uint64
	confirmed bool
	refusal   string // why RabbitMQ did not take it, when it was last sent
	reply     *reply
	carrier   *session // by which it was last sent
	settled   bool
}

func newRequest(exchange string, message any, deadline time.Time) *request {
	var id [16]byte
	_, _ = rand.Read(id[:])
	body, _ := json.Marshal(message)
	return &request{
		correlationID: hex.EncodeToString(id[:]), exchange: exchange, body: body, deadline: deadline,
		done: make(chan struct{}),
	}
}

func (r *request) settle() {
	if !r.settled {
		r.settled = true
		close(r.done)
	}
}

// Whoever waits for an answer waits on when RabbitMQ does not take it: a repeat may still bring one.
func (r *request) refuse(reason string) {
	if r.settled {
		return
	}
	r.refusal = reason
	if !r.expires {
		r.settle()
	}
}

func (r *request) confirm() {
	if !r.settled && r.refusal == "" {
		r.confirmed = true
		if !r.needsReply {
			r.settle()
		}
	}
}

// Returns when it is answered, or at the deadline; nobody touches the request afterwards.
func (c *Client) carry(ctx context.Context, r *request) {
	patience := time.NewTimer(time.Until(r.deadline))
	defer patience.Stop()
	c.submit(r)
	select {
	case <-r.done:
	case <-patience.C:
	case <-ctx.Done():
	}
	c.forget(r)
}

func (c *Client) submit(r *request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		r.settle()
		return
	}
	c.sent++
	r.number = c.sent
	c.waiting[r.correlationID] = r
	if c.ready != nil {
		c.ready.post(r)
	}
}

func (c *Client) forget(r *request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, r.correlationID)
	r.settle()
	if r.reply != nil || r.carrier == nil {
		return
	}
	c.givenUp[r.correlationID] = struct{}{}
	c.oldest = append(c.oldest, r.correlationID)
	if len(c.oldest) > remembered {
		delete(c.givenUp, c.oldest[0])
		c.oldest = c.oldest[1:]
	}
}

func (c *Client) onReply(d amqp.Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.waiting[d.CorrelationId]; r != nil {
		if !r.settled {
			r.reply = &reply{kind: d.Type, body: d.Body}
			r.settle()
		}
	} else if _, late := c.givenUp[d.CorrelationId]; late {
		// Once: a reply can arrive twice.
		delete(c.givenUp, d.CorrelationId)
		c.counts.Late++
	}
}

// The way to RabbitMQ

func (c *Client) run() {
	defer close(c.stopped)
	pause := time.Duration(0)
	for {
		select {
		case <-c.life.Done():
			return
		case <-time.After(pause):
		}
		pause = c.nextPause(pause, c.tryNodes())
	}
}

func (c *Client) nextPause(pause time.Duration, wasSteady bool) time.Duration {
	if wasSteady {
		return 0
	}
	pause *= 2
	if pause == 0 {
		pause = firstPause
	}
	if pause > longestPause {
		pause = longestPause
	}
	return time.Duration(float64(pause) * (0.8 + 0.2*c.random.Float64()))
}

// Each node once, until one has been of use; the next round begins behind it.
func (c *Client) tryNodes() bool {
	for range c.nodes {
		url := c.nodes[0]
		c.nodes = append(c.nodes[1:], url)
		s := &session{client: c, wake: make(chan struct{}, 1), ended: make(chan struct{})}
		failure := s.run(url)
		if c.life.Err() != nil {
			return true
		}
		isSteady := s.wasReady && time.Since(s.began) > steady
		if isSteady {
			c.forgetTroubles()
		}
		c.tell(nameOf(url) + ": " + failure)
		if isSteady {
			return true
		}
	}
	return false
}

// With its port, which is another one each time, no reason would be the same as the one before.
var ownAddress = regexp.MustCompile(`\S+->`)

// Each reason once, until a connection has been of use: it is tried all the time.
func (c *Client) tell(trouble string) {
	trouble = ownAddress.ReplaceAllString(trouble, "")
	c.mu.Lock()
	isNew := !c.told[trouble]
	c.told[trouble] = true
	c.isNews = c.isNews || isNew
	c.trouble = trouble
	c.mu.Unlock()
	if isNew {
		c.settings.logger.Printf("voiceworker: RabbitMQ is not connected: %s", trouble)
	}
}

func (c *Client) forgetTroubles() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = map[string]bool{}
}

func (c *Client) latestTrouble() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return "the client is closed"
	}
	if c.ready != nil {
		return "no answer in time"
	}
	return c.trouble
}

func nameOf(url string) string {
	uri, _ := amqp.ParseURI(url)
	return net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port))
}

// One connection to one node, from its opening to its end. Its lists are guarded by the client's mutex.
type session struct {
	client   *Client
	socket   net.Conn
	channel  *amqp.Channel
	wake     chan struct{}
	ended    chan struct{}
	wasReady bool
	began    time.Time

	isBlocked    bool
	outgoing     []*request
	published    uint64
	unconfirmed  map[uint64]*request
	lastProgress time.Time
	failure      string
}

// Returns when the connection has ended, with the reason.
func (s *session) run(url string) string {
	defer close(s.ended)
	ctx, cancel := context.WithTimeout(s.client.life, opening)
	defer cancel()
	connection, events, err := s.open(ctx, url)
	if err != nil {
		events.drain()
		if ctx.Err() != nil {
			return fmt.Sprintf("it has not let us in for %v", opening)
		}
		return err.Error()
	}
	s.begin()
	go s.publishAll()
	failure := s.listen(events)
	s.end()
	s.leave(connection, events)
	return failure
}

// What RabbitMQ's client tells of a connection. Each has to be received to its end, or the client stands still; all by
// one goroutine without a buffer, so that the return of a message is received before its confirm.
type events struct {
	connectionClosed, channelClosed chan *amqp.Error
	blocked                         chan amqp.Blocking
	returned                        chan amqp.Return
	confirmed                       chan amqp.Confirmation
	delivered                       <-chan amqp.Delivery
}

func (s *session) open(ctx context.Context, url string) (connection *amqp.Connection, e events, err error) {
	isOpen := make(chan struct{})
	defer close(isOpen)
	dial := func(network, address string) (net.Conn, error) {
		socket, err := (&net.Dialer{Timeout: connecting}).DialContext(ctx, network, address)
		if err == nil {
			s.socket = socket
			// A node may stop to answer at any step, and some of them wait for ever: this ends them all.
			go func() {
				select {
				case <-ctx.Done():
					socket.Close()
				case <-isOpen:
				}
			}()
		}
		return socket, err
	}
	connection, err = amqp.DialConfig(url, configOf(dial))
	if err == nil {
		err = s.openChannel(connection, &e)
	}
	if err != nil && s.socket != nil {
		s.socket.Close()
	}
	return connection, e, err
}

func configOf(dial func(network, address string) (net.Conn, error)) amqp.Config {
	return amqp.Config{Heartbeat: heartbeat, Locale: "en_US", Dial: dial, Properties: amqp.Table{
		"connection_name": "voice-worker-client", "product": "voice-worker-client", "version": Version,
	}}
}

func (s *session) openChannel(connection *amqp.Connection, e *events) (err error) {
	e.connectionClosed = connection.NotifyClose(make(chan *amqp.Error, 1))
	e.blocked = connection.NotifyBlocked(make(chan amqp.Blocking, 8))
	if s.channel, err = connection.Channel(); err != nil {
		return err
	}
	e.channelClosed = s.channel.NotifyClose(make(chan *amqp.Error, 1))
	if err = s.channel.Confirm(false); err != nil {
		return err
	}
	e.returned = s.channel.NotifyReturn(make(chan amqp.Return))
	e.confirmed = s.channel.NotifyPublish(make(chan amqp.Confirmation))
	e.delivered, err = s.channel.Consume(replies, "", true, false, false, false, nil)
	return err
}

func (e events) drain() {
	drain(e.connectionClosed)
	drain(e.channelClosed)
	drain(e.blocked)
	drain(e.returned)
	drain(e.confirmed)
	drain(e.delivered)
}

func drain[T any, C chan T | <-chan T](told C) {
	if told != nil {
		go func() {
			for range told {
			}
		}()
	}
}

func (s *session) begin() {
	c := s.client
	c.mu.Lock()
	s.unconfirmed = map[uint64]*request{}
	s.wasReady, s.began = true, time.Now()
	isTold := !c.isNews
	c.isNews = false
	s.takeOver()
	c.mu.Unlock()
	if !isTold {
		c.settings.logger.Print("voiceworker: RabbitMQ is connected")
	}
}

// From now on messages go this way, with those that wait already, in the order in which they came.
func (s *session) takeOver() {
	c := s.client
	c.ready = s
	s.outgoing = nil
	for _, r := range c.waiting {
		s.outgoing = append(s.outgoing, r)
	}
	sort.Slice(s.outgoing, func(i, j int) bool { return s.outgoing[i].number < s.outgoing[j].number })
	s.signal()
}

func (s *session) post(r *request) {
	s.outgoing = append(s.outgoing, r)
	s.signal()
}

func (s *session) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// In a goroutine of its own: it stands still where the node does not read what it is sent.
func (s *session) publishAll() {
	for {
		select {
		case <-s.ended:
			return
		case <-s.wake:
		}
		for {
			r, message := s.next()
			if r == nil {
				break
			}
			if err := s.channel.PublishWithContext(context.Background(), r.exchange, "", true, false, message); err != nil {
				s.fail("not published: " + err.Error())
				return
			}
		}
	}
}

func (s *session) next() (*request, amqp.Publishing) {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	for len(s.outgoing) > 0 && !s.isBlocked && s.failure == "" {
		r := s.outgoing[0]
		s.outgoing = s.outgoing[1:]
		left := time.Until(r.deadline)
		if r.settled || r.carrier == s || left <= 0 {
			continue
		}
		if len(s.unconfirmed) == 0 {
			s.lastProgress = time.Now()
		}
		r.carrier, r.refusal = s, ""
		s.published++
		s.unconfirmed[s.published] = r
		return r, r.message(left)
	}
	return nil, amqp.Publishing{}
}

func (r *request) message(left time.Duration) amqp.Publishing {
	message := amqp.Publishing{
		ContentType: "application/json", DeliveryMode: amqp.Persistent, CorrelationId: r.correlationID, Body: r.body,
	}
	if r.needsReply {
		message.ReplyTo = replies
	}
	if r.expires {
		milliseconds := left.Milliseconds()
		if milliseconds < 1 {
			milliseconds = 1
		}
		message.Expiration = strconv.FormatInt(milliseconds, 10)
	}
	return message
}

// Returns why the connection is of no use any more.
func (s *session) listen(e events) string {
	look := time.NewTicker(250 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-s.client.life.Done():
			return "closed"
		case err := <-e.connectionClosed:
			return textOf(err)
		case err := <-e.channelClosed:
			return textOf(err)
		case blocking, open := <-e.blocked:
			if e.blocked = orNil(e.blocked, open); open {
				s.onBlocked(blocking)
			}
		case returned, open := <-e.returned:
			if e.returned = orNil(e.returned, open); open {
				s.onReturn(returned)
			}
		case confirmation, open := <-e.confirmed:
			if e.confirmed = orNil(e.confirmed, open); open {
				s.onConfirm(confirmation)
			}
		case delivery, open := <-e.delivered:
			if e.delivered = orNil(e.delivered, open); open {
				s.onDelivery(delivery)
			} else {
				// Why is told by one of the others, unless RabbitMQ has cancelled the consumer.
				time.AfterFunc(closing, func() { s.fail("RabbitMQ sends no replies any more") })
			}
		case <-look.C:
			if failure := s.check(); failure != "" {
				return failure
			}
		}
	}
}

// One that is closed would be chosen all the time.
func orNil[T any, C chan T | <-chan T](told C, open bool) C {
	if open {
		return told
	}
	return nil
}

func textOf(err *amqp.Error) string {
	if err == nil {
		return "it was closed"
	}
	return err.Error()
}

func (s *session) fail(failure string) {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	if s.failure == "" {
		s.failure = failure
	}
}

func (s *session) check() string {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	if len(s.unconfirmed) > 0 && !s.isBlocked && time.Since(s.lastProgress) > stall {
		return fmt.Sprintf("it has confirmed nothing for %v", stall)
	}
	return s.failure
}

func (s *session) onDelivery(delivery amqp.Delivery) {
	s.client.mu.Lock()
	s.lastProgress = time.Now()
	s.client.mu.Unlock()
	s.client.onReply(delivery)
}

func (s *session) onConfirm(confirmation amqp.Confirmation) {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	s.lastProgress = time.Now()
	r := s.unconfirmed[confirmation.DeliveryTag]
	if r == nil {
		return
	}
	delete(s.unconfirmed, confirmation.DeliveryTag)
	if confirmation.Ack {
		r.confirm()
	} else {
		r.refuse("RabbitMQ has refused it (nack)")
	}
}

func (s *session) onReturn(returned amqp.Return) {
	c := s.client
	refusal := fmt.Sprintf("no queue takes messages of %s (%s)", returned.Exchange, returned.ReplyText)
	c.mu.Lock()
	isNew := !c.told[refusal]
	c.told[refusal] = true
	if r := c.waiting[returned.CorrelationId]; r != nil {
		r.refuse(refusal)
	}
	c.mu.Unlock()
	if isNew {
		c.settings.logger.Print("voiceworker: no worker has been started there: " + refusal)
	}
}

func (s *session) onBlocked(blocking amqp.Blocking) {
	s.client.mu.Lock()
	s.isBlocked = blocking.Active
	if blocking.Active {
		s.outgoing = nil
		s.client.ready = nil
	} else {
		s.lastProgress = time.Now()
		s.takeOver()
	}
	s.client.mu.Unlock()
	if blocking.Active {
		s.client.tell("RabbitMQ takes no messages (" + blocking.Reason + ")")
	} else {
		s.client.forgetTroubles()
		s.client.settings.logger.Print("voiceworker: RabbitMQ takes messages again")
	}
}

// From now on messages wait for another connection.
func (s *session) end() {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	s.client.ready = nil
	s.outgoing, s.unconfirmed = nil, map[uint64]*request{}
	if s.failure == "" {
		s.failure = "ended"
	}
}

// Says goodbye where the program closes the client; a node that does not answer is not waited for.
func (s *session) leave(connection *amqp.Connection, e events) {
	e.drain()
	if s.client.life.Err() != nil {
		late := time.AfterFunc(closing, func() { s.socket.Close() })
		connection.Close()
		late.Stop()
	}
	s.socket.Close()
}

// The rules of what is sent, as the worker has them: a message that breaks one is not sent.

const (
	maxBusinessID      = 2147483647
	maxCallIDLength    = 64
	maxVoiceIDLength   = 32
	maxChangedByLength = 128
	// What the worker trims from a voice, and what may not surround a call id.
	whiteSpace = "\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005" +
		"\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)

var rules = map[string]string{
	"callId":     "required: 1–64 printable characters, no surrounding white space",
	"businessId": "required: an integer from 1 to 2147483647",
	"voiceId":    "required: 1–32 printable characters",
	"startedAt":  "required: an RFC 3339 instant with offset, such as 2026-01-31T09:30:00Z",
	"changedAt":  "required: an RFC 3339 instant with offset, such as 2026-01-31T09:30:00Z",
	"changedBy":  "optional: at most 128 characters, no control characters",
}

type callStarted struct {
	CallID     string `json:"callId"`
	BusinessID int    `json:"businessId"`
	StartedAt  string `json:"startedAt"`
}

type businessVoiceChanged struct {
	BusinessID int     `json:"businessId"`
	VoiceID    string  `json:"voiceId"`
	ChangedAt  string  `json:"changedAt"`
	ChangedBy  *string `json:"changedBy,omitempty"`
}

// To the microsecond, as the worker stores it; now where it is not set.
func instantOf(at time.Time) string {
	if at.IsZero() {
		at = time.Now()
	}
	return at.UTC().Format("2006-01-02T15:04:05.000000Z")
}

func (m callStarted) check(startedAt time.Time) error {
	var b broken
	isCallID := isText(m.CallID, maxCallIDLength) && strings.Trim(m.CallID, whiteSpace) == m.CallID
	b.addIf(!isCallID, "callId", &m.CallID)
	b.addIf(m.BusinessID < 1 || m.BusinessID > maxBusinessID, "businessId", nil)
	b.addIf(!isInstant(startedAt), "startedAt", nil)
	return b.err()
}

func (m businessVoiceChanged) check(changedAt time.Time) error {
	var b broken
	b.addIf(m.BusinessID < 1 || m.BusinessID > maxBusinessID, "businessId", nil)
	b.addIf(!isText(strings.Trim(m.VoiceID, whiteSpace), maxVoiceIDLength), "voiceId", &m.VoiceID)
	b.addIf(!isInstant(changedAt), "changedAt", nil)
	b.addIf(m.ChangedBy != nil && !isPrintable(*m.ChangedBy, maxChangedByLength), "changedBy", m.ChangedBy)
	return b.err()
}

type broken []BrokenRule

func (b *broken) addIf(isBroken bool, field string, value *string) {
	if !isBroken {
		return
	}
	rule := rules[field]
	if value != nil {
		rule += fmt.Sprintf(" (was %d characters)", utf8.RuneCountInString(*value))
	}
	*b = append(*b, BrokenRule{Field: field, Rule: rule})
}

func (b broken) err() error {
	if len(b) == 0 {
		return nil
	}
	return &ContractError{Kind: "invalidMessage", Broken: b}
}

func isText(value string, longest int) bool {
	return strings.Trim(value, whiteSpace) != "" && isPrintable(value, longest)
}

func isPrintable(value string, longest int) bool {
	if !utf8.ValidString(value) || utf8.RuneCountInString(value) > longest {
		return false
	}
	return strings.IndexFunc(value, isUnprintable) < 0
}

func isUnprintable(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// RFC 3339 has years of four digits.
func isInstant(at time.Time) bool {
	return at.IsZero() || at.UTC().Year() >= 1 && at.UTC().Year() <= 9999
}
