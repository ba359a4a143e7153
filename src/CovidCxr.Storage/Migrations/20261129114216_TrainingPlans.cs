using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class TrainingPlans : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "IsExploration",
                table: "RetrainingRuns",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "OffPlan",
                table: "RetrainingRuns",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Plan",
                table: "RetrainingRuns",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "PlanHash",
                table: "RetrainingRuns",
                type: "TEXT",
                maxLength: 64,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "IsExploration",
                table: "RetrainingRuns");

            migrationBuilder.DropColumn(
                name: "OffPlan",
                table: "RetrainingRuns");

            migrationBuilder.DropColumn(
                name: "Plan",
                table: "RetrainingRuns");

            migrationBuilder.DropColumn(
                name: "PlanHash",
                table: "RetrainingRuns");
        }
    }
}
