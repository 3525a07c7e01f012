using System.CommandLine;
using VoiceWorker.Bench.Latency;
using VoiceWorker.Bench.Outage;
using VoiceWorker.Bench.Scenarios;
using VoiceWorker.Bench.Throughput;

namespace VoiceWorker.Bench;

/// <summary>Arguments → measurement → exit code: 0 when nothing was lost, doubled or wrong, else 1.</summary>
internal static class CommandLine
{
    private const int Million = 1_000_000;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string[] args)
    {
        const string description = "Measures the worker beside a hand-written baseline, on servers of its own";
        var root = new RootCommand(description) { Throughput(), Latency(), Outage() };
        return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = StopLimit });
    }

    private static Command Throughput()
    {
        var messages = WithDefault("--messages", "Messages of a run; for --million, of all", 20_000);
        var rounds = WithDefault("--rounds", "Runs of each system", 3);
        var queues = WithDefault("--queues", "quorum, or classic: the baseline alone", "quorum");
        queues.AcceptOnlyFromAmong("quorum", "classic");
        var quick = new Option<bool>("--quick") { Description = "One round of 5,000 messages; for --filled, on a hundredth of the rows" };
        var changes = new Option<bool>("--changes") { Description = "Instead: BusinessVoiceChanged, over 1,000 businesses and for one" };
        var backlog = new Option<int?>("--backlog") { Description = "Instead: a start with so many messages waiting, such as 200000" };
        var filled = new Option<bool>("--filled") { Description = "Instead: empty tables beside 10 million calls and 1 million events" };
        var million = new Option<bool>("--million") { Description = "Instead: the worker's memory over 1 million messages" };
        Option[] symbols = [messages, rounds, queues, quick, changes, backlog, filled, million];
        return Verb("throughput", "Messages per second, CPU and memory", symbols, (parsed, token) =>
        {
            var options = parsed.GetValue(quick)
                ? new ThroughputOptions(5_000, 1, parsed.GetValue(queues)!)
                : new ThroughputOptions(parsed.GetValue(messages), parsed.GetValue(rounds), parsed.GetValue(queues)!);
            if (parsed.GetValue(backlog) is { } waiting)
                return BacklogScenario.RunAsync(waiting, token);
            if (parsed.GetValue(changes))
                return ChangesScenario.RunAsync(options, token);
            if (parsed.GetValue(filled))
                return FilledScenario.RunAsync(options, parsed.GetValue(quick) ? Filling.Small : Filling.Large, token);
            if (parsed.GetValue(million))
                return MillionScenario.RunAsync(parsed.GetResult(messages) is { Implicit: false } ? options.Messages : Million, token);
            return ThroughputBench.RunAsync(options, token);
        });
    }

    private static Command Latency()
    {
        var rates = WithDefault<int[]>("--rates", "Calls per second", [100, 500, 1_000]);
        rates.AllowMultipleArgumentsPerToken = true;
        var seconds = WithDefault("--seconds", "How long at each rate", 20);
        var rounds = WithDefault("--rounds", "Runs of each system", 3);
        var quick = new Option<bool>("--quick") { Description = "One round of 3 seconds" };
        Option[] symbols = [rates, seconds, rounds, quick];
        return Verb("latency", "Milliseconds to the reply and to the audit event, at fixed rates", symbols, (parsed, token) =>
            LatencyBench.RunAsync(
                parsed.GetValue(quick)
                    ? new LatencyOptions(parsed.GetValue(rates)!, 3, 1)
                    : new LatencyOptions(parsed.GetValue(rates)!, parsed.GetValue(seconds), parsed.GetValue(rounds)), token));
    }

    private static Command Outage()
    {
        var calls = WithDefault("--calls", "How many ask while PostgreSQL is stopped", 1_000);
        var rate = WithDefault("--rate", "Calls per second", 100);
        return Verb("outage", "Milliseconds to the default voice while PostgreSQL is stopped by SIGSTOP", [calls, rate],
            (parsed, token) => OutageBench.RunAsync(parsed.GetValue(calls), parsed.GetValue(rate), token));
    }

    private static Option<T> WithDefault<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static Command Verb(
        string name, string description, IEnumerable<Option> options, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        var verb = new Command(name, description);
        foreach (var option in options)
            verb.Add(option);
        verb.SetAction(run);
        return verb;
    }
}
