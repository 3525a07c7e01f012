using System.CommandLine;
using System.CommandLine.Help;
using VoiceWorker.Demo.Legacy;
using VoiceWorker.Demo.Local;
using VoiceWorker.Demo.Traffic;

namespace VoiceWorker.Demo;

/// <summary>Arguments → part of the demonstration → exit code: 0 as expected, 1 not, 2 usage, 128 + n after signal n.</summary>
internal static class CommandLine
{
    private const int Usage = 2;

    private const string Description = """
        Demonstrates the Voice Worker: a legacy database without business.voice_id, the query that fails because of it,
        the worker that migrates it online, and traffic with its answers and audit events.

        PostgreSQL and RabbitMQ are those of VOICE_POSTGRES and VOICE_RABBITMQ when set, else private ones in Docker,
        else private ones from local binaries; their data is kept in .local/. VOICE_SERVERS=docker or local decides.
        The database legacy_demo is dropped and created anew. Ctrl-C stops everything that was started.
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = BuildRoot().Parse(args);
        if (parsed.Errors.Count == 0)
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        foreach (var error in parsed.Errors)
            await Console.Error.WriteLineAsync(error.Message);
        await Console.Error.WriteLineAsync("./run --help shows what there is.");
        return Usage;
    }

    private static Command BuildRoot()
    {
        var once = new Option<bool>("--once") { Description = "End after the demonstration: with 0 when all was as expected, else 1" };
        var root = new Command("run", Description)
        {
            new HelpOption(),
            once,
            Verb("legacy", "Only create the broken database, and show the query that fails", (_, token) => LegacyAct.RunAsync(token)),
            Verb("traffic", "Only wait for a worker at VOICE_WORKER_URL, and send it traffic", (parsed, token) =>
                TrafficAct.RunAsync(parsed.GetValue(once), token), once),
            BuildCall(),
            BuildVoice(),
        };
        root.SetAction((parsed, _) => Interruptible.RunAsync(token => LocalDemonstration.RunAsync(parsed.GetValue(once), token)));
        return root;
    }

    private static Command BuildCall()
    {
        var business = new Argument<int>("business") { Description = "Id of the business, such as 2" };
        return Verb("call", "Send one CallStarted to the broker of VOICE_RABBITMQ, and show the answer", (parsed, token) =>
            SingleMessage.CallAsync(parsed.GetValue(business), token), business);
    }

    private static Command BuildVoice()
    {
        var business = new Argument<int>("business") { Description = "Id of the business, such as 2" };
        var voice = new Argument<string>("voice") { Description = "A voice, such as marin" };
        return Verb("voice", "Send one BusinessVoiceChanged to the broker of VOICE_RABBITMQ", (parsed, token) =>
            SingleMessage.ChangeAsync(parsed.GetValue(business), parsed.GetValue(voice)!, token), business, voice);
    }

    private static Command Verb(
        string name, string description, Func<ParseResult, CancellationToken, Task<int>> run, params Symbol[] symbols)
    {
        var verb = new Command(name, description);
        foreach (var option in symbols.OfType<Option>())
            verb.Add(option);
        foreach (var argument in symbols.OfType<Argument>())
            verb.Add(argument);
        verb.SetAction((parsed, _) => Interruptible.RunAsync(token => run(parsed, token)));
        return verb;
    }
}
