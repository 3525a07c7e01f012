using System.CommandLine;
using VoiceWorker.Bench;

// Arguments → measurement → exit code: 0 when nothing was lost, doubled or wrong, else 1.
const int Million = 1_000_000;
const string Description = "Measures the worker beside a hand-written baseline, on servers of its own";
var root = new RootCommand(Description)
{
    Throughput(), Latency(), OfConsole(), OfPages(), Idle(), Start(), Outage(), Migration(), Direct(),
};
var stopLimit = TimeSpan.FromSeconds(60);
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = stopLimit });

static Command Throughput()
{
    var messages = Number("--messages", "Messages of a run; for --million, of all", 20_000);
    var rounds = Number("--rounds", "Runs of each system", 3);
    var queues = new Option<string>("--queues") { Description = "quorum, or classic: without the worker" };
    queues.AcceptOnlyFromAmong("quorum", "classic");
    var peers = Flag("--peers", "A third in turn: Wolverine with its durable inbox and outbox");
    var beside = new Option<string[]>("--beside")
    {
        Description = "The folders of other builds of the worker, which take turns",
        AllowMultipleArgumentsPerToken = true,
    };
    var quick = Flag("--quick", "One round of 5,000 messages; for --filled, on a hundredth of the rows");
    var changes = Flag("--changes", "Instead: BusinessVoiceChanged, over 1,000 businesses and for one");
    var backlog = new Option<int?>("--backlog")
    {
        Description = "Instead: a start with so many messages waiting, such as 200000",
    };
    var filled = Flag("--filled", "Instead: empty tables beside 10 million calls and 1 million events");
    var workers = new Option<int[]>("--workers")
    {
        Description = "Instead: the same work by so many workers, such as 1 2 4", AllowMultipleArgumentsPerToken = true,
    };
    var million = Flag("--million", "Instead: the worker's memory over 1 million messages");
    var verb = new Command("throughput", "Messages per second, CPU and memory")
    {
        messages, rounds, queues, peers, beside, quick, changes, backlog, filled, million, workers,
    };
    verb.SetAction(async (parsed, token) =>
    {
        await using var stage = await Stage.OpenAsync(token);
        if (parsed.GetValue(backlog) is { } waiting)
            return await new EnduranceBench(stage, waiting, token).WorkOffAsync();
        var all = parsed.GetResult(messages) is { Implicit: false } ? parsed.GetValue(messages) : Million;
        if (parsed.GetValue(million))
            return await new EnduranceBench(stage, all, token).FeedAsync();
        var bench = parsed.GetValue(quick) ? new ThroughputBench(stage, 5_000, 1, token)
            : new ThroughputBench(stage, parsed.GetValue(messages), parsed.GetValue(rounds), token);
        if (parsed.GetValue(workers) is { Length: > 0 } numbers)
            return await bench.CompareNumbersAsync(numbers);
        if (parsed.GetValue(changes))
            return await bench.CompareChangesAsync();
        return await (parsed.GetValue(filled)
            ? bench.CompareTablesAsync(parsed.GetValue(quick) ? Filling.Small : Filling.Large)
            : bench.CompareSystemsAsync(
                parsed.GetValue(queues) ?? "quorum", parsed.GetValue(peers), parsed.GetValue(beside) ?? []));
    });
    return verb;
}

static Command Latency()
{
    var rates = new Option<int[]>("--rates")
    {
        Description = "Calls per second", AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [100, 500, 1_000],
    };
    var seconds = Number("--seconds", "How long at each rate", 20);
    var rounds = Number("--rounds", "Runs of each system", 3);
    var quick = Flag("--quick", "One round of 3 seconds");
    var verb = new Command("latency", "Milliseconds to the reply and to the audit event, at fixed rates")
    {
        rates, seconds, rounds, quick,
    };
    verb.SetAction(async (parsed, token) =>
    {
        await using var stage = await Stage.OpenAsync(token);
        var (length, runs) = parsed.GetValue(quick) ? (3, 1) : (parsed.GetValue(seconds), parsed.GetValue(rounds));
        return await new LatencyBench(stage, parsed.GetValue(rates)!, length, runs, token)
            .CompareSystemsAsync();
    });
    return verb;
}

static Command OfConsole()
{
    var tabs = Number("--tabs", "How many show the console", 10);
    var rounds = Number("--rounds", "Runs of each", 5);
    var messages = Number("--messages", "Preloaded messages of a run", 20_000);
    var rate = Number("--rate", "Calls per second where replies are timed", 500);
    var seconds = Number("--seconds", "How long at that rate", 20);
    var verb = new Command("console", "What the worker pays for its console: throughput and replies, with and without")
    {
        tabs, rounds, messages, rate, seconds,
    };
    verb.SetAction(async (parsed, token) =>
    {
        await using var stage = await Stage.OpenAsync(token);
        var (open, runs) = (parsed.GetValue(tabs), parsed.GetValue(rounds));
        return await new ThroughputBench(stage, parsed.GetValue(messages), runs, token).CompareConsoleAsync(open)
            | await new LatencyBench(stage, [parsed.GetValue(rate)], parsed.GetValue(seconds), runs, token)
                .CompareConsoleAsync(open);
    });
    return verb;
}

static Command OfPages()
{
    var letters = Number("--letters", "Dead letters", 100_000);
    var looks = Number("--looks", "Looks at each page, after ten that are not counted", 200);
    var quick = Flag("--quick", "On a hundredth of calls, events and letters");
    var verb = new Command("pages", "Milliseconds to each page of the console, on years of calls")
    {
        letters, looks, quick,
    };
    verb.SetAction(async (parsed, token) =>
    {
        await using var stage = await Stage.OpenAsync(token);
        var (filling, dead) = parsed.GetValue(quick)
            ? (Filling.Small with { Events = Filling.Small.Calls }, parsed.GetValue(letters) / 100)
            : (Filling.Large with { Events = Filling.Large.Calls }, parsed.GetValue(letters));
        return await new PageBench(stage, filling, dead, parsed.GetValue(looks), token).RunAsync();
    });
    return verb;
}

static Command Idle()
{
    var seconds = Number("--seconds", "How long with nothing to do, and how long at 10 calls a second", 300);
    var calls = Number("--calls", "How many ask alone, one every 500 ms", 200);
    var verb = new Command("idle", "CPU of a worker with little to do and of its servers; how long a lone caller waits")
    {
        seconds, calls,
    };
    verb.SetAction(async (parsed, token) =>
    {
        await using var stage = await Stage.OpenAsync(token);
        return await new IdleBench(stage, parsed.GetValue(seconds), parsed.GetValue(calls), token).RunAsync();
    });
    return verb;
}

static Command Start()
{
    var starts = Number("--starts", "How often; one before is not counted", 10);
    var beside = new Option<string?>("--beside") { Description = "The folder of another build, which takes turns" };
    var verb = new Command("start", "Milliseconds from the worker's process to each of its stages until it is ready")
    {
        starts, beside,
    };
    verb.SetAction(async (parsed, token) =>
    {
        await using var stage = await Stage.OpenAsync(token);
        return await new StartBench(stage, parsed.GetValue(starts), parsed.GetValue(beside), token).RunAsync();
    });
    return verb;
}

static Command Outage()
{
    var calls = Number("--calls", "How many ask while PostgreSQL is stopped", 1_000);
    var rate = Number("--rate", "Calls per second", 100);
    var verb = new Command("outage", "Milliseconds to the default voice while PostgreSQL is stopped by SIGSTOP")
    {
        calls, rate,
    };
    verb.SetAction(async (parsed, token) =>
    {
        await using var stage = await Stage.OpenAsync(token);
        return await new OutageBench(stage, parsed.GetValue(calls), parsed.GetValue(rate), token).RunAsync();
    });
    return verb;
}

static Command Migration()
{
    var rows = Number("--rows", "Businesses", 5_000_000);
    var scenarios = new Argument<string[]>("scenario") { Description = "Those that are run; all when none is named" };
    scenarios.AcceptOnlyFromAmong([.. MigrationBench.Scenarios.Keys]);
    var verb = new Command("migration", "Migration 58 beside a SQLAlchemy application") { rows, scenarios };
    verb.SetAction((parsed, token) =>
        MigrationBench.RunAsync(parsed.GetValue(rows), parsed.GetValue(scenarios)!, token));
    return verb;
}

static Command Direct()
{
    var rounds = Number("--rounds", "Runs of each variant", 5);
    var seconds = Number("--seconds", "How long each changes voices", 10);
    var verb = new Command("direct", "What a SQLAlchemy application pays for Changes:Direct") { rounds, seconds };
    verb.SetAction((parsed, token) =>
        DirectBench.RunAsync(parsed.GetValue(rounds), parsed.GetValue(seconds), token));
    return verb;
}

static Option<int> Number(string name, string description, int value) =>
    new(name) { Description = description, DefaultValueFactory = _ => value };

static Option<bool> Flag(string name, string description) => new(name) { Description = description };
