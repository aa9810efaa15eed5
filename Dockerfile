FROM python:3.13-slim AS builder
COPY requirements.txt /
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --requirement /requirements.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin broadsheet \
    && install --directory --owner broadsheet --group broadsheet /data
COPY --from=builder /venv /venv
COPY LICENSE /app/
COPY bot /app/bot
# The configuration is /data/config.toml, and what the bot keeps is beside it.
WORKDIR /data
VOLUME /data
USER 10001:10001
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
