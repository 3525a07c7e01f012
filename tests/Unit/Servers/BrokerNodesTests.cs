using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Persistence;
using VoiceWorker.Servers;

namespace VoiceWorker.Tests.Unit.Servers;

public sealed class BrokerNodesTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Nodes_of_a_list_differ_in_host_and_port_alone()
    {
        var uri = BrokerUri.Parse("AMQPS://worker:p%2Cw@a:5673, [::1],c/v%2Fhost");

        Assert.Equal(
            [
                "amqps://worker:p%2Cw@a:5673/v%2Fhost", "amqps://worker:p%2Cw@[::1]/v%2Fhost",
                "amqps://worker:p%2Cw@c/v%2Fhost",
            ],
            uri.Nodes.Select(node => node.AbsoluteUri));
        Assert.True(uri.IsTls);
        Assert.Equal("a:5673, [::1]:5671, c:5671", uri.ToString());
    }

    [Theory]
    [InlineData("amqp://a", "a:5672")]
    [InlineData("amqp://u:p@b,b:5672,b/", "b:5672, b:5672")]
    [InlineData("amqp://u:p,q@a,b", "a:5672, b:5672")]
    public void A_node_without_a_port_has_that_of_its_protocol(string text, string nodes) =>
        Assert.Equal(nodes, BrokerUri.Parse(text).ToString());

    [Fact]
    public async Task Every_address_of_a_name_is_tried_with_the_certificate_of_the_name()
    {
        var nodes = Nodes("amqps://rabbit,other:1", host => host == "rabbit"
            ? [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2"), IPAddress.IPv6Loopback]
            : [IPAddress.Loopback]);

        var order = await nodes.OrderAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            ["10.0.0.1:5671 rabbit", "10.0.0.2:5671 rabbit", "::1:5671 rabbit", "other:1 other"],
            order.Select(one => $"{one.HostName}:{one.Port} {one.Ssl.ServerName}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_name_that_is_not_resolved_is_left_to_the_client()
    {
        var nodes = Nodes("amqp://gone,here", host => host == "here"
            ? [IPAddress.Loopback] : throw new SocketException((int)SocketError.HostNotFound));

        var order = await nodes.OrderAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["gone", "here"], order.Select(one => one.HostName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nodes_are_tried_in_any_order_and_those_that_failed_lately_last()
    {
        var nodes = Nodes("amqp://a,b,c", _ => [IPAddress.Loopback]);
        var first = (await nodes.OrderAsync(TestContext.Current.CancellationToken))[0];

        nodes.Avoid(first);

        Assert.All(await LastAsync(nodes), last => Assert.Equal(first.HostName, last));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(3, (await LastAsync(nodes)).Distinct().Count());
        nodes.Avoid(first);
        nodes.Reached(first);
        Assert.Equal(3, (await LastAsync(nodes)).Distinct().Count());
    }

    [Fact]
    public void What_came_of_several_nodes_is_told_of_each_and_once_where_it_is_the_same()
    {
        var refused = new BrokerUnreachableException(new ConnectFailureException("x", new SocketException(111)));
        var closed = new BrokerUnreachableException(new IOException("x", new EndOfStreamException()));

        var different = ServerFailure.Of(new NoNodeException([(new("a", 5672), refused), (new("b", 5672), closed)]));

        Assert.Equal(
            (FailureKind.Outage, "a:5672: connection refused; b:5672: the connection was closed"),
            (different.Kind, different.Words));
        var same = new NoNodeException([(new("a", 1), refused), (new("b", 1), refused)]);
        Assert.Equal("connection refused", ServerFailure.Describe(same));
    }

    private BrokerNodes Nodes(string uri, Func<string, IPAddress[]> lookUp) =>
        new(BrokerUri.Parse(uri), "", (host, _) => Task.FromResult(lookUp(host)), _time);

    // Any of three in a hundred orders: that one of them is never the last has a chance of 1 in 10^17.
    private static async Task<List<string>> LastAsync(BrokerNodes nodes)
    {
        var last = new List<string>();
        for (var n = 0; n < 100; n++)
            last.Add((await nodes.OrderAsync(TestContext.Current.CancellationToken))[^1].HostName);
        return last;
    }
}
