using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.DeadLetters;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.DeadLetters;

/// <summary>Sends a corrected copy of a dead letter to the queue that it failed in; only when the broker has confirmed
/// the copy the original is removed.</summary>
internal static class DeadLetterEdit
{
    /// <summary>What fields are set by, on the command line and in the record.</summary>
    public const string Set = "set";

    /// <summary>The copy, and what it still breaks: nothing is sent that would only come back.</summary>
    /// <param name="origin">The queue that the letter failed in, which tells the contract.</param>
    /// <param name="body">Of the letter.</param>
    /// <param name="changes">Fields of the contract with their new values.</param>
    /// <exception cref="SettingsException">The body has no fields, or the contract does not have one of that name.
    /// </exception>
    public static Correction Check(
        string origin, ReadOnlyMemory<byte> body, IEnumerable<KeyValuePair<string, string>> changes)
    {
        var copy = DeadLetterBody.Of(origin, body);
        if (copy.Message is null)
            throw new SettingsException("The body is no JSON object, so that no field of it can be set.");
        var fields = new List<string>();
        foreach (var (field, value) in changes)
        {
            if (!copy.Fields.Contains(field))
                throw new SettingsException($"'{PeerText.Escape(field)}' is no field of the contract; there are "
                    + $"{string.Join(", ", copy.Fields)}.");
            copy.Set(field, value);
            fields.Add(field);
        }

        return new(copy.ToBytes(), copy.Broken(), fields);
    }

    /// <summary>Sends the copy, removes the original, and waits for what comes back.</summary>
    /// <param name="queues">Hold the letter; are closed.</param>
    /// <param name="copy">Of <see cref="Check"/>; it keeps the contract.</param>
    /// <param name="act">Is counted as it goes on; of the changes it keeps the names of the fields.</param>
    /// <param name="interruption">Ends the wait.</param>
    public static async Task<EditResult> SendAsync(
        IConnection connection, DeadLetterQueues queues, DeadLetter letter, Correction copy, TimeSpan patience,
        TimeProvider time, OperatorAct act, CancellationToken interruption)
    {
        // A body may hold personal data, and an act is kept for good and shown to whoever may see no body.
        act.Record(Set, copy.Fields);
        (act["sent"], act["stay"]) = (0, 1);
        if (await letter.ReplayAsync(copy.Bytes, CancellationToken.None) is { } obstacle)
            return new(new Stay(letter.Queue, letter.Id, obstacle), letter.Id, new Homecoming(null), false);
        (act["sent"], act["stay"]) = (1, 0);
        await queues.CloseAsync();
        var sent = new Resent();
        sent.Add(letter, copy.Bytes, keepsId: false);
        var back = await sent.WaitOrLeaveAsync(connection, patience, time, interruption);
        act["cameBack"] = back.Count;
        return new(Stays: null, letter.Id, back, interruption.IsCancellationRequested);
    }
}

/// <summary>A corrected copy.</summary>
/// <param name="Bytes">Its body.</param>
/// <param name="Broken">What it breaks of the contract; empty when it keeps it.</param>
/// <param name="Fields">Those that are set.</param>
internal sealed record Correction(byte[] Bytes, IReadOnlyList<BrokenRule> Broken, IReadOnlyList<string> Fields);

/// <summary>What became of a correction.</summary>
/// <param name="Stays">Why the original is where it was; null when the copy is sent.</param>
/// <param name="Id">The id that the original had.</param>
/// <param name="Back">The copy, if it failed again.</param>
/// <param name="IsInterrupted">Whether the wait was ended early.</param>
internal sealed record EditResult(Stay? Stays, string Id, Homecoming Back, bool IsInterrupted)
{
    /// <summary>As an act.</summary>
    public OperatorActResult Ended => IsInterrupted ? OperatorActResult.Interrupted
        : Stays is null && Back.Count == 0 ? OperatorActResult.Done : OperatorActResult.Incomplete;
}
