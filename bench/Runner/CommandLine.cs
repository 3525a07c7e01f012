using System.CommandLine;
using VoiceWorker.Bench.Latency;
using VoiceWorker.Bench.Scenarios;
using VoiceWorker.Bench.Throughput;

namespace VoiceWorker.Bench;

/// <summary>Arguments → measurement → exit code: 0 when nothing was lost, doubled or wrong, else 1.</summary>
internal static class CommandLine
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Measures the worker beside a hand-written baseline, on servers of its own") { Throughput(), Latency() };
        return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = StopLimit });
    }

    private static Command Throughput()
    {
        var messages = new Option<int>("--messages") { Description = "Messages of a run; for --million, of all", DefaultValueFactory = _ => 20_000 };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each system", DefaultValueFactory = _ => 3 };
        var queues = new Option<string>("--queues") { Description = "quorum, or classic: the baseline alone", DefaultValueFactory = _ => "quorum" };
        queues.AcceptOnlyFromAmong("quorum", "classic");
        var quick = new Option<bool>("--quick") { Description = "One round of 5,000 messages; for --filled, on a hundredth of the rows" };
        var changes = new Option<bool>("--changes") { Description = "Instead: BusinessVoiceChanged, over 1,000 businesses and for one" };
        var backlog = new Option<int?>("--backlog") { Description = "Instead: a start with so many messages waiting, such as 200000" };
        var filled = new Option<bool>("--filled") { Description = "Instead: empty tables beside 10 million calls and 1 million events" };
        var million = new Option<bool>("--million") { Description = "Instead: the worker's memory over 1 million messages" };
        var command = new Command("throughput", "Messages per second, CPU and memory") { messages, rounds, queues, quick, changes, backlog, filled, million };
        command.SetAction((parsed, token) =>
        {
            var options = parsed.GetValue(quick)
                ? new ThroughputOptions(5_000, 1, parsed.GetValue(queues)!)
                : new ThroughputOptions(parsed.GetValue(messages), parsed.GetValue(rounds), parsed.GetValue(queues)!);
            if (parsed.GetValue(backlog) is { } waiting)
                return BacklogScenario.RunAsync(waiting, token);
            if (parsed.GetValue(changes))
                return ChangesScenario.RunAsync(options, token);
            if (parsed.GetValue(filled))
                return FilledScenario.RunAsync(options, parsed.GetValue(quick) ? new Filling(100_000, 10_000) : new Filling(10_000_000, 1_000_000), token);
            if (parsed.GetValue(million))
                return MillionScenario.RunAsync(parsed.GetResult(messages) is { Implicit: false } ? parsed.GetValue(messages) : 1_000_000, token);
            return ThroughputBench.RunAsync(options, token);
        });
        return command;
    }

    private static Command Latency()
    {
        var rates = new Option<int[]>("--rates")
        {
            Description = "Calls per second", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [100, 500, 1_000],
        };
        var seconds = new Option<int>("--seconds") { Description = "How long at each rate", DefaultValueFactory = _ => 20 };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each system", DefaultValueFactory = _ => 3 };
        var quick = new Option<bool>("--quick") { Description = "One round of 3 seconds" };
        var command = new Command("latency", "Milliseconds to the reply and to the audit event, at fixed rates") { rates, seconds, rounds, quick };
        command.SetAction((parsed, token) => LatencyBench.RunAsync(
            parsed.GetValue(quick)
                ? new LatencyOptions(parsed.GetValue(rates)!, 3, 1)
                : new LatencyOptions(parsed.GetValue(rates)!, parsed.GetValue(seconds), parsed.GetValue(rounds)), token));
        return command;
    }
}
