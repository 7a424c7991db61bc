// The custom server of Bottender's documentation: express, and the raw body beside the parsed one.
const bodyParser = require('body-parser');
const express = require('express');
const { bottender } = require('bottender');

const app = bottender({ dev: false });

app.prepare().then(() => {
  const server = express();
  const verify = (request, _, body) => {
    request.rawBody = body.toString();
  };
  server.use(bodyParser.json({ verify }));
  server.all('*', app.getRequestHandler());
  server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
});
