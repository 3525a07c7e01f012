using System.Security.Cryptography;
using System.Text;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Xunit.TestCollectionOrderer(typeof(SeededOrder))]
[assembly: Xunit.TestClassOrderer(typeof(SeededOrder))]
[assembly: Xunit.TestMethodOrderer(typeof(SeededOrder))]
[assembly: Xunit.TestCaseOrderer(typeof(SeededOrder))]

namespace VoiceWorker.Tests.Fixtures;

/// <summary>
/// The order in which the tests of a suite run: that of their names, or with <c>VOICE_TEST_ORDER=seed</c> one drawn by the
/// seed. xunit's own order depends on the folder that the suite lies in.
/// </summary>
public sealed class SeededOrder : ITestCollectionOrderer, ITestClassOrderer, ITestMethodOrderer, ITestCaseOrderer
{
    private static readonly string? Seed = Environment.GetEnvironmentVariable("VOICE_TEST_ORDER");

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        Order(testCollections, collection => collection.TestCollectionDisplayName);

    public IReadOnlyCollection<TTestClass?> OrderTestClasses<TTestClass>(IReadOnlyCollection<TTestClass?> testClasses)
        where TTestClass : ITestClass => Order(testClasses, one => one?.TestClassName);

    public IReadOnlyCollection<TTestMethod?> OrderTestMethods<TTestMethod>(IReadOnlyCollection<TTestMethod?> testMethods)
        where TTestMethod : ITestMethod => Order(testMethods, method => method?.MethodName);

    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : ITestCase => Order(testCases, testCase => testCase.TestCaseDisplayName);

    private static List<T> Order<T>(IEnumerable<T> tests, Func<T, string?> name) =>
        [.. tests.OrderBy(test => KeyOf(name(test) ?? ""), StringComparer.Ordinal)];

    private static string KeyOf(string name) => string.IsNullOrEmpty(Seed)
        ? name
        : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{Seed} {name}")));
}
