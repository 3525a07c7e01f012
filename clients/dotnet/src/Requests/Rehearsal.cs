using Microsoft.Extensions.Logging.Abstractions;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Client.Requests;

/// <summary>A call that goes nowhere, before the first that does: what .NET has to compile for it takes a tenth of a
/// second, which no caller has allowed for.</summary>
internal static class Rehearsal
{
    private static readonly CallStarted Call = new("CA-0", 1, DateTimeOffset.UnixEpoch);

    /// <summary>One that is answered, and one whose time is over.</summary>
    public static void Run()
    {
        // Under another name: it is no call that anybody counts.
        using var meter = new CallMeter(NullLogger.Instance, $"{VoiceClient.MeterName}.Rehearsal");
        ContractRules.Check(Call);
        Begin().Answer("CallVoice", """{"voiceId":"ash","source":"default","reason":"noVoice"}"""u8.ToArray());
        Begin().Expire("");

        CallRequest Begin() => new(Call, TimeSpan.FromSeconds(1), "ash", meter, NullLogger.Instance);
    }
}
