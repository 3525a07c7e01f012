using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Bus;
using VoiceWorker.Commit;
using VoiceWorker.Persistence;
using VoiceWorker.Servers;

namespace VoiceWorker.Verbs.Doctor;

/// <summary>Findings of the settings alone: each is valid, or the verb would not have begun.</summary>
internal static class SettingsExam
{
    public static IEnumerable<Finding> Examine(IServiceProvider services)
    {
        var servers = services.GetRequiredService<IOptions<ConnectionOptions>>().Value;
        yield return PostgresTls(servers);
        yield return RabbitTls(servers);
        yield return Prefetch(
            services.GetRequiredService<IOptions<BusOptions>>().Value,
            services.GetRequiredService<IOptions<GroupCommitOptions>>().Value);
    }

    private static Finding PostgresTls(ConnectionOptions servers)
    {
        var given = new NpgsqlConnectionStringBuilder(PostgresUri.ToKeywords(servers.Postgres));
        return given.SslMode is SslMode.VerifyFull || PostgresAddress.Of(given).All(host => host.IsHere)
            ? Finding.Ok("postgres.tls", $"SSL Mode={given.SslMode}")
            : Finding.Warning("postgres.tls", $"SSL Mode={given.SslMode} over the network",
                "put SSL Mode=VerifyFull and Root Certificate=… into ConnectionStrings:Postgres: "
                    + "otherwise nobody checks who answers");
    }

    private static Finding RabbitTls(ConnectionOptions servers)
    {
        var uri = servers.Nodes.Uri;
        return uri.IsTls || uri.Nodes.All(node => IsHere(node.Host))
            ? Finding.Ok("rabbitMq.tls", uri.Nodes[0].Scheme)
            : Finding.Warning("rabbitMq.tls", "amqp over the network",
                "use amqps:// in ConnectionStrings:RabbitMq: password and messages are readable on the way");
    }

    private static Finding Prefetch(BusOptions bus, GroupCommitOptions group) => bus.Prefetch >= group.MaxGroupSize
        ? Finding.Ok("settings.prefetch", $"Bus:Prefetch={bus.Prefetch}, GroupCommit:MaxGroupSize={group.MaxGroupSize}")
        : Finding.Warning(
            "settings.prefetch", $"Bus:Prefetch={bus.Prefetch} is below GroupCommit:MaxGroupSize={group.MaxGroupSize}",
            "raise Bus:Prefetch: no transaction can be larger than what is in flight");

    private static bool IsHere(string host) => new PostgresAddress(host.Trim('[', ']'), 0).IsHere;
}
