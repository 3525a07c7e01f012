using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using VoiceWorker.DeadLetters;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>Which dead letters a page or a form means, under the names of the verb's options.</summary>
internal static class LetterQuery
{
    public const string Queue = "queue";
    public const string Reason = "reason";
    public const string Business = "business";
    public const string Call = "call";
    public const string Producer = "producer";
    public const string Since = "since";
    public const string Before = "before";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [Queue, Reason, Business, Call, Producer, Since, Before];

    /// <summary>As it was sent.</summary>
    public static DeadLetterFilter Read(Asked asked) => new()
    {
        IdPrefix = asked.Text("id")?.ToLowerInvariant(),
        Queue = asked.Text(Queue), Reason = asked.Text(Reason),
        Business = asked.Whole(Business, 1, int.MaxValue)?.ToString(CultureInfo.InvariantCulture),
        Call = asked.Text(Call), Producer = asked.Text(Producer),
        Since = asked.Instant(Since), Before = asked.Instant(Before),
    };

    /// <summary>What leads to the same.</summary>
    public static string Address(string path, IEnumerable<KeyValuePair<string, string?>> given) =>
        path + new QueryBuilder(given.Where(one => !string.IsNullOrEmpty(one.Value))
            .Select(one => KeyValuePair.Create(one.Key, one.Value!))).ToQueryString();
}
