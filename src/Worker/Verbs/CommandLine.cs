using System.CommandLine;
using Microsoft.Extensions.Options;
using VoiceWorker.Boot;
using VoiceWorker.Verbs.Acts;
using VoiceWorker.Verbs.Audit;
using VoiceWorker.Verbs.Completion;
using VoiceWorker.Verbs.Consuming;
using VoiceWorker.Verbs.DeadLetters;
using VoiceWorker.Verbs.Doctor;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.Verbs.Status;
using VoiceWorker.Verbs.Stub;
using VoiceWorker.Verbs.Voice;
using VoiceWorker.WebConsole;

namespace VoiceWorker.Verbs;

/// <summary>Arguments → verb → exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs one verb.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(error.Message);
            return ExitCode.Usage;
        }

        // The host handles signals itself: it needs longer than a command line would grant.
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false,
        });
    }

    /// <summary>What is meant, or every error of it.</summary>
    public static ParseResult Parse(string[] args) => BuildRoot().Parse(args);

    private static RootCommand BuildRoot()
    {
        var root = new RootCommand(
            "Voice Worker: gives every call its voice. Settings are given as --Section:Name=value.")
        {
            Verb.Of("run", "Migrate, verify, consume (the default)", (_, settings) => RunVerb.RunAsync(settings)),
            Verb.Of(
                "console", "Serve the page for operators (Console:Urls), without a worker",
                (_, settings) => ConsoleVerb.RunAsync(settings)),
            BuildMigrate(),
            Verb.Of("verify", "Check every critical column", (_, settings) => VerifyVerb.RunAsync(settings)),
            StatusCommand.Build(),
            DeadLettersCommand.Build(),
            AuditCommand.Build(),
            VoiceCommand.Build(),
            ActsCommand.Build(),
            ConsumingCommands.BuildPause(), ConsumingCommands.BuildResume(), ConsumingCommands.BuildDrain(),
            DoctorCommand.Build(),
            StubCommand.Build(),
            CompletionCommand.Build(),
            BuildVersion(),
        };
        Verb.SetAction(root, (_, settings) => RunVerb.RunAsync(settings));
        return root;
    }

    private static Command BuildVersion()
    {
        var json = OptionSyntax.Flag("--json", "Write JSON: version, commit and its date");
        return Verb.Of(
            "version", "Show the version", (given, _) => VersionVerb.RunAsync(given.GetValue(json)), json);
    }

    private static Command BuildMigrate()
    {
        var plan = OptionSyntax.Flag(
            "--plan", "Show what is left to do and change nothing; exit code 2 when there is something");
        var script = OptionSyntax.Flag("--script", "Write what is left to do as SQL for psql and change nothing");
        var note = OperatorAct.NoteOption();
        var verb = Verb.Of("migrate", "Bring the database schema to its target", (parsed, settings) =>
            MigrateVerb.RunAsync(
                settings, parsed.GetValue(plan), parsed.GetValue(script), OperatorAct.Of(parsed, note)),
            plan, script, note);
        verb.Validators.Add(given =>
        {
            if (given.CountOf(plan, script) > 1)
                given.AddError("migrate takes --plan or --script, not both.");
        });
        return verb;
    }
}

/// <summary><c>run</c>: the worker itself, until SIGTERM.</summary>
internal static class RunVerb
{
    public static async Task<int> RunAsync(string[] settings)
    {
        await using var worker = WorkerHost.BuildWorker(settings, ConsoleBeside.AddTo);
        Tools.ValidateSettings(worker.Services);
        ListenAddress.EnsureFree(worker.Configuration, worker.Configuration["urls"], ListenAddress.Setting);
        var console = worker.Services.GetRequiredService<IOptions<ConsoleOptions>>().Value;
        if (console.Enabled)
            ListenAddress.EnsureFree(worker.Configuration, console.Urls, ListenAddress.ConsoleSetting);
        return await RunAsync(worker);
    }

    /// <summary>Starts it and waits for its end; returns the exit code.</summary>
    internal static async Task<int> RunAsync(WebApplication worker)
    {
        var boot = worker.Services.GetRequiredService<BootSequence>();
        try
        {
            await worker.RunAsync();
        }
        catch (OperationCanceledException) when (worker.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // SIGTERM while it started.
        }

        return boot.Failure is { } failure ? FailureReport.Write(failure) : ExitCode.Ok;
    }
}

/// <summary><c>console</c>: the console alone, until SIGTERM.</summary>
internal static class ConsoleVerb
{
    public static async Task<int> RunAsync(string[] settings)
    {
        await using var console = ConsoleHost.Build(settings);
        Tools.ValidateSettings(console.Services);
        var options = console.Services.GetRequiredService<IOptions<ConsoleOptions>>().Value;
        ListenAddress.EnsureFree(console.Configuration, options.Urls, ListenAddress.ConsoleSetting);
        await console.StartAsync();
        console.Services.GetRequiredService<ConsoleAddress>().Tell();
        await console.WaitForShutdownAsync();
        return ExitCode.Ok;
    }
}

/// <summary><c>verify</c>: every critical column, changing nothing.</summary>
internal static class VerifyVerb
{
    public static Task<int> RunAsync(string[] settings) => Tools.WithDatabaseAsync(settings, async services =>
    {
        var check = services.GetRequiredService<SchemaCheck>();
        await check.EnsureAsync(CancellationToken.None);
        var obstacles = await check.FindObstaclesAsync(CancellationToken.None);
        foreach (var obstacle in obstacles)
            await Console.Error.WriteLineAsync($"{obstacle.Text}. Cure: {obstacle.Cure}");
        if (obstacles.Count > 0)
            return ExitCode.VerificationFailed;
        Console.WriteLine("The schema verifies.");
        return ExitCode.Ok;
    });
}
