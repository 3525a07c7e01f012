using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace VoiceWorker.DeadLetters;

/// <summary>Who sent a message, as far as it says so itself.</summary>
internal static class Producer
{
    private const int Longest = 128;

    // A client of MassTransit without an envelope has it as a header.
    private const string HostHeader = "MT-Host-Info";

    /// <summary>Its <c>app_id</c>, or else MassTransit's host, or else the user that RabbitMQ has vouched for.
    /// </summary>
    /// <returns>Null when it says none of these.</returns>
    public static string? NameOf(IReadOnlyBasicProperties properties, Glance glance) =>
        Cut(properties.AppId) ?? OfHeader(properties.Headers) ?? glance.Host ?? Cut(properties.UserId);

    /// <summary>MassTransit's host, as <c>process@machine</c>; null when it has neither.</summary>
    public static string? OfHost(JsonElement host)
    {
        if (host.ValueKind is not JsonValueKind.Object)
            return null;
        var names = new[] { FieldOf(host, "processName"), FieldOf(host, "machineName") };
        return Cut(string.Join('@', names.Where(name => name is not null)));
    }

    private static string? OfHeader(IDictionary<string, object?>? headers)
    {
        if (headers?.TryGetValue(HostHeader, out var value) != true || value is not byte[] json)
            return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            return OfHost(document.RootElement);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? FieldOf(JsonElement host, string name) =>
        host.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            && value.GetString() is { Length: > 0 } text ? text : null;

    private static string? Cut(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var kept = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(Longest))
            kept.Append(rune.ToString());
        return kept.ToString();
    }
}
