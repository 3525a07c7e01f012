using System.Text.RegularExpressions;
using Npgsql;
using VoiceWorker.Servers;

namespace VoiceWorker.Tests.Repository.Deploy;

/// <summary>The examples with several nodes: what the worker is told is what is there.</summary>
public sealed partial class ClusterTests
{
    [Fact]
    public void In_Kubernetes_the_worker_knows_every_node_by_its_own_name()
    {
        var broker = Manifests.Plain("cluster/rabbitmq.yaml");
        var name = Text(broker, "metadata", "name");
        var replicas = int.Parse(Text(broker, "spec", "replicas"), System.Globalization.CultureInfo.InvariantCulture);
        var nodes = BrokerUri.Parse(Text(Manifests.Plain("cluster/secret.yaml"), "stringData", "rabbitmq")).Nodes;

        Assert.True(replicas >= 3);
        Assert.Equal(
            Enumerable.Range(0, replicas).Select(n => $"{name}-server-{n}.{name}-nodes"),
            nodes.Select(node => node.Host));
    }

    [Fact]
    public void In_Kubernetes_a_commit_waits_for_one_of_two_standbys()
    {
        var cluster = Manifests.Plain("cluster/postgres.yaml");
        var secret = Manifests.Plain("cluster/secret.yaml");
        var connection = new NpgsqlConnectionStringBuilder(Text(secret, "stringData", "postgres"));

        Assert.Equal("3", Text(cluster, "spec", "instances"));
        Assert.Equal(("1", "required"), (
            Text(cluster, "spec", "postgresql", "synchronous", "number"),
            Text(cluster, "spec", "postgresql", "synchronous", "dataDurability")));
        Assert.Equal(
            ($"{Text(cluster, "metadata", "name")}-rw", Text(cluster, "spec", "bootstrap", "initdb", "database")),
            (connection.Host, connection.Database));
        Assert.All(
            Manifests.Worker.Env.Where(variable => variable.ValueFrom?.SecretKeyRef is not null),
            variable => Assert.Equal(Text(secret, "metadata", "name"), variable.ValueFrom.SecretKeyRef.Name));
    }

    [Fact]
    public void In_compose_the_worker_knows_every_server()
    {
        var compose = new YamlDotNet.Serialization.DeserializerBuilder().Build()
            .Deserialize<Dictionary<string, object>>(RepositoryFiles.Read("deploy/cluster/compose.yml"));
        var services = ((Dictionary<object, object>)compose["services"]).Keys.Cast<string>().ToList();
        var postgres = new NpgsqlConnectionStringBuilder(
            Text(compose, "services", "worker", "environment", "ConnectionStrings__Postgres"));
        // ${NAME:-value} is no part of a URI.
        var broker = BrokerUri.Parse(Variable().Replace(
            Text(compose, "services", "worker", "environment", "ConnectionStrings__RabbitMq"), "secret"));
        var named = NodeName().Matches(RepositoryFiles.Read("deploy/cluster/rabbitmq.conf"));

        Assert.Equal(
            services.Where(name => name.StartsWith("postgres", StringComparison.Ordinal)), postgres.Host!.Split(','));
        Assert.Equal(
            services.Where(name => name.StartsWith("rabbit", StringComparison.Ordinal)),
            broker.Nodes.Select(node => node.Host));
        Assert.Equal(broker.Nodes.Select(node => node.Host), named.Select(node => node.Groups[1].Value));
    }

    private static string Text(Dictionary<string, object> document, params string[] path)
    {
        object at = document[path[0]];
        foreach (var key in path[1..])
            at = ((Dictionary<object, object>)at)[key];
        return (string)at;
    }

    [GeneratedRegex(@"\$\{[^}]*\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?m)^cluster_formation\.classic_config\.nodes\.\d = rabbit@(\w+)$")]
    private static partial Regex NodeName();
}
