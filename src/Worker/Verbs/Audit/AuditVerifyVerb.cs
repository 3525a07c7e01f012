using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Verification;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary><c>audit verify</c>: every difference between the audit trail and what was recorded.</summary>
internal static class AuditVerifyVerb
{
    public static Task<int> RunAsync(string[] settings, bool json) =>
        Tools.WithDatabaseAsync(settings, async services =>
        {
            using var interruption = new Interruption();
            var verification = new AuditVerification(services.GetRequiredService<PostgresConnections>());
            var screen = new DifferenceScreen(json);
            try
            {
                await foreach (var difference in verification.FindAsync(interruption.Token))
                    screen.Write(difference);
            }
            catch (Exception) when (interruption.Token.IsCancellationRequested)
            {
                screen.End(verification.Counts, isComplete: false);
                return ExitCode.Interrupted;
            }

            screen.End(verification.Counts, isComplete: true);
            return screen.Differences == 0 ? ExitCode.Ok : ExitCode.Differences;
        });
}
