using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace VoiceWorker.Servers;

/// <summary>What policies do to the worker's queues. AMQP does not tell: RabbitMQ's management API is asked, where
/// <c>ConnectionStrings:RabbitMqManagement</c> names it.</summary>
internal sealed class BrokerPolicies(IOptions<ConnectionOptions> servers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Where queue and policy both have a number, RabbitMQ takes the smaller one; where both have a word, the queue's.
    private static readonly Dictionary<string, string> EffectOf = new(StringComparer.Ordinal)
    {
        ["message-ttl"] = "messages are removed after so many ms",
        ["expires"] = "the queue is deleted when nobody has used it for so many ms",
        ["max-length"] = "what does not fit is refused",
        ["max-length-bytes"] = "what does not fit is refused",
        ["delivery-limit"] = "a message that comes back so often is moved or dropped",
    };

    private readonly string _management = servers.Value.RabbitMqManagement;

    /// <summary>Whether there is anyone to ask.</summary>
    public bool IsKnown => _management.Length > 0;

    /// <summary>Everything that a policy says and a queue's own arguments do not.</summary>
    /// <param name="queues">With the arguments that they are declared with; whether they exist does not
    /// matter.</param>
    /// <param name="cancellationToken">Cancels the questions.</param>
    /// <exception cref="HttpRequestException">The API does not answer, or refuses the user.</exception>
    public async Task<IReadOnlyList<PolicyEffect>> FindAsync(
        IEnumerable<(string Name, Dictionary<string, object?> Arguments)> queues, CancellationToken cancellationToken)
    {
        using var client = CreateClient(out var host);
        // One of each kind applies to a queue.
        JsonArray[] kinds =
        [
            await ReadAsync(client, $"api/policies/{Uri.EscapeDataString(host)}", cancellationToken),
            await ReadAsync(client, $"api/operator-policies/{Uri.EscapeDataString(host)}", cancellationToken),
        ];
        return [.. queues.SelectMany(queue => kinds.SelectMany(kind => Effects(queue.Name, queue.Arguments, kind)))];
    }

    /// <summary>What the policies of one kind do to a queue: the one with the highest priority applies.</summary>
    /// <param name="name">Of the queue.</param>
    /// <param name="arguments">It is declared with.</param>
    /// <param name="policies">As the API lists them.</param>
    internal static IEnumerable<PolicyEffect> Effects(
        string name, Dictionary<string, object?> arguments, JsonArray policies)
    {
        var policy = policies.Where(one => Matches(one!, name)).MaxBy(one => (long?)one!["priority"] ?? 0);
        if (policy?["definition"] is not JsonObject definition)
            yield break;
        foreach (var (key, effect) in EffectOf)
        {
            if (definition[key] is not JsonValue value || !value.TryGetValue<long>(out var limit))
                continue;
            var own = arguments.TryGetValue("x-" + key, out var given)
                ? Convert.ToInt64(given, CultureInfo.InvariantCulture) : long.MaxValue;
            // -1 is none.
            if (limit >= 0 && limit < own)
                yield return new PolicyEffect(name, $"{policy["name"]}", key, limit, effect);
        }
    }

    // Patterns are regular expressions of the same family; one that .NET does not read is taken for one that matches.
    private static bool Matches(JsonNode policy, string queue)
    {
        if ($"{policy["apply-to"]}" is not ("all" or "queues" or "quorum_queues"))
            return false;
        try
        {
            return Regex.IsMatch(queue, $"{policy["pattern"]}", RegexOptions.None, Patience);
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private HttpClient CreateClient(out string virtualHost)
    {
        var broker = new ConnectionFactory { Uri = servers.Value.Nodes.Uri.Nodes[0] };
        virtualHost = broker.VirtualHost;
        var address = new Uri(_management.EndsWith('/') ? _management : _management + "/");
        var user = address.UserInfo.Length > 0
            ? Uri.UnescapeDataString(address.UserInfo) : $"{broker.UserName}:{broker.Password}";
        return new HttpClient
        {
            BaseAddress = new UriBuilder(address) { UserName = "", Password = "" }.Uri,
            Timeout = Patience,
            DefaultRequestHeaders =
            {
                Authorization = new AuthenticationHeaderValue(
                    "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user))),
            },
        };
    }

    private static async Task<JsonArray> ReadAsync(
        HttpClient client, string path, CancellationToken cancellationToken)
    {
        await using var body = await client.GetStreamAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return await JsonNode.ParseAsync(body, cancellationToken: cancellationToken) as JsonArray
            ?? throw new JsonException($"{path} has no list");
    }
}

/// <summary>What a policy does to a queue.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="Policy">The policy, or operator policy.</param>
/// <param name="Key">Of the policy's definition, such as <c>message-ttl</c>.</param>
/// <param name="Limit">Messages, bytes, milliseconds or deliveries, by the key.</param>
/// <param name="Effect">In words.</param>
internal sealed record PolicyEffect(string Queue, string Policy, string Key, long Limit, string Effect)
{
    public override string ToString() => $"{Queue}: policy {Policy} sets {Key}={Limit}: {Effect}";
}
