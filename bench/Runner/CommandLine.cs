using System.CommandLine;
using VoiceWorker.Bench.Latency;
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
        var messages = new Option<int>("--messages") { Description = "Messages of a run", DefaultValueFactory = _ => 20_000 };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each system", DefaultValueFactory = _ => 3 };
        var queues = new Option<string>("--queues") { Description = "quorum, or classic: the baseline alone", DefaultValueFactory = _ => "quorum" };
        queues.AcceptOnlyFromAmong("quorum", "classic");
        var quick = new Option<bool>("--quick") { Description = "One round of 5,000 messages" };
        var command = new Command("throughput", "Messages per second, CPU and memory") { messages, rounds, queues, quick };
        command.SetAction((parsed, token) => ThroughputBench.RunAsync(
            parsed.GetValue(quick)
                ? new ThroughputOptions(5_000, 1, parsed.GetValue(queues)!)
                : new ThroughputOptions(parsed.GetValue(messages), parsed.GetValue(rounds), parsed.GetValue(queues)!), token));
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
