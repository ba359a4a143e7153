using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Drift : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<double>(
                name: "IntensityDeviation",
                table: "Studies",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "MeanIntensity",
                table: "Studies",
                type: "REAL",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "QualityAlerts",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Kind = table.Column<int>(type: "INTEGER", nullable: false),
                    ModelVersionId = table.Column<Guid>(type: "TEXT", nullable: true),
                    PeriodFrom = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    PeriodTo = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    Value = table.Column<double>(type: "REAL", nullable: false),
                    Threshold = table.Column<double>(type: "REAL", nullable: false),
                    Cases = table.Column<int>(type: "INTEGER", nullable: false),
                    RaisedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    AcknowledgedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    AcknowledgedBy = table.Column<Guid>(type: "TEXT", nullable: true),
                    AcknowledgedByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_QualityAlerts", x => x.Id);
                    table.ForeignKey(
                        name: "FK_QualityAlerts_ModelVersions_ModelVersionId",
                        column: x => x.ModelVersionId,
                        principalTable: "ModelVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_QualityAlerts_AcknowledgedAt",
                table: "QualityAlerts",
                column: "AcknowledgedAt");

            migrationBuilder.CreateIndex(
                name: "IX_QualityAlerts_Kind_PeriodFrom",
                table: "QualityAlerts",
                columns: new[] { "Kind", "PeriodFrom" },
                unique: true,
                filter: "\"ModelVersionId\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_QualityAlerts_Kind_PeriodFrom_ModelVersionId",
                table: "QualityAlerts",
                columns: new[] { "Kind", "PeriodFrom", "ModelVersionId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_QualityAlerts_ModelVersionId",
                table: "QualityAlerts",
                column: "ModelVersionId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "QualityAlerts");

            migrationBuilder.DropColumn(
                name: "IntensityDeviation",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "MeanIntensity",
                table: "Studies");
        }
    }
}
