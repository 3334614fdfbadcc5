using CudaWasm.Host.Terminal;

namespace CudaWasm.Host.Tests;

public class ColumnChartTests
{
    [Fact]
    public void Columns_are_as_high_as_their_values()
    {
        var lines = ColumnChart.Draw([0, 25, 50, 100, null], columnWidth: 2, height: 4, unicode: false);

        Assert.Equal(
            [
                "100 % |      #",
                " 50 % |      #",
                "      |    # #",
                "  0 % |  # # #",
            ],
            lines);
    }

    [Fact]
    public void Eighths_of_a_line_are_shown_where_the_terminal_can()
    {
        var lines = ColumnChart.Draw([50, 62.5], columnWidth: 2, height: 1, unicode: true);

        Assert.Equal("100 % \u2502\u2584 \u2585", Assert.Single(lines));
    }

    [Fact]
    public void What_is_little_still_shows_and_what_is_too_much_is_cut()
    {
        var lines = ColumnChart.Draw([0.1, 250], columnWidth: 2, height: 2, unicode: false);

        Assert.Equal(["100 % |  #", "  0 % |. #"], lines);
    }

    [Fact]
    public void The_axis_counts_seconds()
    {
        Assert.Equal("      +0s             5s", ColumnChart.Axis(7, columnWidth: 3, unicode: false));
    }
}
