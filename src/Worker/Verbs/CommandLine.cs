using System.CommandLine;
using VoiceWorker.Verbs.Audit;
using VoiceWorker.Verbs.Completion;
using VoiceWorker.Verbs.DeadLetters;
using VoiceWorker.Verbs.Doctor;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.Verbs.Status;

namespace VoiceWorker.Verbs;

/// <summary>Arguments → verb → exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs one verb.</summary>
    /// <param name="args">As given to the process.</param>
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
    /// <param name="args">As given to the process.</param>
    public static ParseResult Parse(string[] args) => BuildRoot().Parse(args);

    private static RootCommand BuildRoot()
    {
        var root = new RootCommand(
            "Voice Worker: gives every call its voice. Settings are given as --Section:Name=value.")
        {
            Verb("run", "Migrate, verify, consume (the default)", (_, settings) => RunVerb.RunAsync(settings)),
            BuildMigrate(),
            Verb("verify", "Check every critical column", (_, settings) => VerifyVerb.RunAsync(settings)),
            StatusCommand.Build(),
            DeadLettersCommand.Build(),
            AuditCommand.Build(),
            DoctorCommand.Build(),
            CompletionCommand.Build(),
            Verb("version", "Show the version", (_, _) => VersionVerb.RunAsync()),
        };
        SetAction(root, (_, settings) => RunVerb.RunAsync(settings));
        return root;
    }

    private static Command BuildMigrate()
    {
        var plan = OptionSyntax.Flag(
            "--plan", "Show what is left to do and change nothing; exit code 2 when there is something");
        var script = OptionSyntax.Flag("--script", "Write what is left to do as SQL for psql and change nothing");
        var verb = Verb("migrate", "Bring the database schema to its target", (parsed, settings) =>
            MigrateVerb.RunAsync(settings, parsed.GetValue(plan), parsed.GetValue(script)), plan, script);
        verb.Validators.Add(given =>
        {
            if (given.CountOf(plan, script) > 1)
                given.AddError("migrate takes --plan or --script, not both.");
        });
        return verb;
    }

    /// <summary>One verb, to which settings can be given beside its options.</summary>
    public static Command Verb(
        string name, string description, Func<ParseResult, string[], Task<int>> run, params Option[] options)
    {
        var verb = new Command(name, description);
        foreach (var option in options)
            verb.Add(option);
        SetAction(verb, run);
        return verb;
    }

    private static void SetAction(Command verb, Func<ParseResult, string[], Task<int>> run)
    {
        verb.TreatUnmatchedTokensAsErrors = false;
        verb.SetAction(async (parsed, _) =>
        {
            try
            {
                return await run(parsed, SettingArguments.Check(parsed.UnmatchedTokens));
            }
            catch (Exception failure)
            {
                return FailureReport.Write(failure);
            }
        });
    }
}
