namespace VoiceWorker.Verbs;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Unexpected = 1;

    /// <summary>The command line or a setting is wrong; also: <c>migrate --plan</c> has pending steps.</summary>
    public const int Usage = 2;

    public const int PlanHasPendingSteps = 2;
    public const int PrivilegeMissing = 3;
    public const int LockBudgetExceeded = 4;
    public const int VerificationFailed = 5;
    public const int Unsupported = 6;
    public const int Unreachable = 7;

    /// <summary>A dead letter could not be replayed; it is where it was.</summary>
    public const int NotReplayed = 8;
}
