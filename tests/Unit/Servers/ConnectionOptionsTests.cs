using VoiceWorker.Servers;
using static VoiceWorker.Tests.Unit.Boot.OptionRulesTests;

namespace VoiceWorker.Tests.Unit.Servers;

public sealed class ConnectionOptionsTests
{
    private const string Postgres = "Host=db;Database=app;Username=worker;Password=S3CRET";
    private const string RabbitMq = "amqp://worker:S3CRET@rabbit:5672/vhost";

    [Theory]
    [InlineData(Postgres, RabbitMq)]
    [InlineData("Host=a,b;Target Session Attributes=primary;Database=app", "amqps://rabbit")]
    [InlineData("postgresql://worker:S3CRET@db/app", "amqp://rabbit")]
    [InlineData("Server=/run/postgresql;DB=app", "amqp://worker:pass%2Fword@[::1]:5672/%2F")]
    [InlineData(Postgres, "amqp://worker:S3CRET@a:5672,b:5673,[::1],d/vhost")]
    public void Connections_are_right_with_hosts_and_a_database(string postgres, string rabbitMq) =>
        Assert.Empty(Validate(new ConnectionOptions { Postgres = postgres, RabbitMq = rabbitMq }));

    [Fact]
    public void What_is_missing_is_told_by_its_full_name_with_an_example_of_each()
    {
        var broken = Validate(new ConnectionOptions());

        Assert.Equal(2, broken.Count);
        Assert.StartsWith("ConnectionStrings:Postgres is missing; expected Host=", broken[0], StringComparison.Ordinal);
        Assert.StartsWith("ConnectionStrings:RabbitMq is missing; expected amqp://", broken[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_null_counts_as_missing()
    {
        var broken = Validate(new ConnectionOptions { Postgres = null!, RabbitMq = null! });

        Assert.Contains("ConnectionStrings:Postgres is missing", broken[0], StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:RabbitMq is missing", broken[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("S3CRET")]
    [InlineData("Host=db;Password=S3CRET")]
    [InlineData("Database=app;Password=S3CRET")]
    [InlineData("Host=db;Database=app;S3CRET=1")]
    [InlineData("Host=db;Database=app;Port=S3CRET")]
    [InlineData("Host=db;Database=app;Port=99999999999;Password=S3CRET")]
    [InlineData("Host=db;Database=app;Timeout=-1;Password=S3CRET")]
    [InlineData("Host=db;Database=app;SSL Mode=S3CRET")]
    [InlineData("Host=db;Database=app;Password='S3CRET")]
    [InlineData("postgresql://worker:S3CRET@/app")]
    [InlineData("mysql://worker:S3CRET@db/app")]
    public void A_wrong_PostgreSQL_connection_is_named_and_never_quoted(string postgres)
    {
        var broken = Assert.Single(Validate(new ConnectionOptions { Postgres = postgres, RabbitMq = RabbitMq }));

        Assert.StartsWith("ConnectionStrings:Postgres is not valid; expected Host=", broken, StringComparison.Ordinal);
        Assert.DoesNotContain("S3CRET", broken, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql://worker:S3CRET@db/app?pgbuncer=S3CRET", "has the unknown parameter pgbuncer; known are user, ")]
    [InlineData("postgresql://worker:S3CRET@db/app?sslmode=S3CRET", "has a value that sslmode cannot have")]
    [InlineData("postgresql://worker:S3CRET@db:S3CRET/app", "has a value that port cannot have")]
    [InlineData("Host=db;Database=app;Target Session Attributes=standby", "must lead to a primary")]
    public void A_part_of_a_PostgreSQL_connection_is_named_and_never_quoted(string postgres, string reason)
    {
        var broken = Assert.Single(Validate(new ConnectionOptions { Postgres = postgres, RabbitMq = RabbitMq }));

        Assert.StartsWith($"ConnectionStrings:Postgres {reason}", broken, StringComparison.Ordinal);
        Assert.DoesNotContain("S3CRET", broken, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("S3CRET")]
    [InlineData("rabbit:5672")]
    [InlineData("http://worker:S3CRET@rabbit")]
    [InlineData("rabbitmq://worker:S3CRET@rabbit")]
    [InlineData("amqp://")]
    [InlineData("amqp:/S3CRET")]
    [InlineData("amqp://worker:S3CRET@rabbit:notaport")]
    [InlineData("   ")]
    public void A_wrong_RabbitMQ_address_is_named_and_never_quoted(string rabbitMq)
    {
        var broken = Assert.Single(Validate(new ConnectionOptions { Postgres = Postgres, RabbitMq = rabbitMq }));

        Assert.StartsWith("ConnectionStrings:RabbitMq is not valid; expected amqp://", broken, StringComparison.Ordinal);
        Assert.DoesNotContain("S3CRET", broken, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amqp://worker:S3CRET@a:5672,,c/vhost", "node 2 of 3")]
    [InlineData("amqp://worker:S3CRET@a,b:notaport/vhost", "node 2 of 2")]
    [InlineData("amqps://worker:S3CRET@a:99999,b", "node 1 of 2")]
    [InlineData("amqp://worker:S3CRET@a,::1/vhost", "node 2 of 2")]
    [InlineData("amqp://worker:S3CRET@a,b,/vhost", "node 3 of 3")]
    public void A_wrong_node_of_a_RabbitMQ_cluster_is_told_by_its_place_and_the_rule(string rabbitMq, string node)
    {
        var broken = Assert.Single(Validate(new ConnectionOptions { Postgres = Postgres, RabbitMq = rabbitMq }));

        Assert.StartsWith(
            $"ConnectionStrings:RabbitMq is not valid: {node} is not host, host:port or [IPv6 address]:port; expected amqp://",
            broken, StringComparison.Ordinal);
        Assert.DoesNotContain("S3CRET", broken, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere/ca.pem", "amqps://worker:S3CRET@rabbit", "ConnectionStrings:RabbitMqCaFile is not a PEM file with the certificate of an authority: ")]
    [InlineData("VoiceWorker.dll", "amqps://worker:S3CRET@rabbit", "ConnectionStrings:RabbitMqCaFile is not a PEM file with the certificate of an authority: ")]
    public void A_file_without_an_authority_is_refused_at_the_start(string file, string rabbitMq, string expected)
    {
        var path = Path.Combine(AppContext.BaseDirectory, file);

        var broken = Assert.Single(Validate(new ConnectionOptions { Postgres = Postgres, RabbitMq = rabbitMq, RabbitMqCaFile = path }));

        Assert.StartsWith(expected, broken, StringComparison.Ordinal);
        Assert.DoesNotContain("S3CRET", broken, StringComparison.Ordinal);
    }
}
