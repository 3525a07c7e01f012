using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace VoiceWorker.Tests.EndToEnd.Clients.Conformance;

/// <summary>What a client does in any language, as clients/conformance/behaviours.json has it.</summary>
/// <param name="Name">Short, for tables.</param>
/// <param name="Part">Which part of a client it is about.</param>
/// <param name="Says">A sentence.</param>
/// <param name="Steps">What shows it, one after the other.</param>
/// <param name="Nodes">How many ways there are to RabbitMQ.</param>
/// <param name="Broker">killed: it is not there at first.</param>
/// <param name="Password">Another one than RabbitMQ has, if any.</param>
internal sealed record Behaviour(
    string Name, string Part, string Says, IReadOnlyList<JsonObject> Steps, int Nodes = 1, string? Broker = null,
    string? Password = null)
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private static readonly Lazy<IReadOnlyList<Behaviour>> Read = new(() =>
        JsonNode.Parse(File.ReadAllText(Repository.File("clients/conformance/behaviours.json")))!["behaviours"]
            .Deserialize<List<Behaviour>>(Strict)!);

    /// <summary>Those of the file, in its order.</summary>
    public static IReadOnlyList<Behaviour> All => Read.Value;

    public bool IsWithoutBroker => Broker == "killed";
}
