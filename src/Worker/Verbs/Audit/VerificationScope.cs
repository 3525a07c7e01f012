using System.Text.Json.Nodes;

namespace VoiceWorker.Verbs.Audit;

/// <summary>What <c>audit verify</c> compares and what it cannot know, as it says itself at its end: no difference
/// means no more than this. Whatever it learns to compare is added here.</summary>
internal static class VerificationScope
{
    private static readonly string[] Compared =
    [
        "rows of calls, changes, migrations and acts of operators", "events in the store and in the outbox",
        "sequences and ends of streams", "the checkpoint", "what retention removed",
        "hashes and seals",
        "stored voices of businesses that have a recorded change",
    ];

    private static readonly string[] Unknown =
    [
        "dead letters, also those that were discarded", "audit queues, also those that nobody empties",
        "what consumers did with events", "voices of businesses without a recorded change",
    ];

    /// <summary>What is compared.</summary>
    public static JsonArray Covered => [.. Compared];

    /// <summary>What is not.</summary>
    public static JsonArray NotCovered => [.. Unknown];

    /// <summary>Both, for people.</summary>
    public static IReadOnlyList<string> Lines =>
        [$"Covered: {string.Join("; ", Compared)}.", $"Not covered: {string.Join("; ", Unknown)}."];
}
